//! Exceptions: where they hold, and the days on which they end.

use restore_images::config::{Date, Exception};

use super::config;

const AGENT: &str = "  agents: [{name: cloudzero-agent, images: [{image: a/b}]}]\n";

fn exception(keys: &str) -> Exception {
    let spec = format!("  exceptions:\n  - {{reason: r, allow: [tag], {keys}}}\n{AGENT}");
    let mut config = config(&spec);
    config.exceptions.remove(0)
}

/// Deployment `cz-agent-server` in `monitoring`, container `server`, agent `cloudzero-agent`.
#[track_caller]
fn check(keys: &str, expected: bool) {
    let exception = exception(keys);
    let applies = exception.is_of("Deployment", "monitoring", "cz-agent-server")
        && exception.is_for(Some("server"), Some("cloudzero-agent"));
    assert_eq!(applies, expected, "{keys}");
}

#[test]
fn every_selector_must_fit() {
    check("kind: Deployment", true);
    check("kind: deployment", false);
    check("kind: \"*\"", false);
    check("namespace: monitoring", true);
    check("namespace: mon*", true);
    check("namespace: monitor", false);
    check("name: cz-agent-*", true);
    check("name: \"*-agent\"", false);
    check("container: \"*\"", true);
    check("container: s*r", true);
    check("container: agent", false);
    check("agent: cloudzero-agent", true);
    check(
        "kind: Deployment, namespace: monitoring, name: cz-*, container: server, agent: cloudzero-agent",
        true,
    );
    check(
        "kind: Deployment, namespace: monitoring, name: cz-*, container: other",
        false,
    );
}

#[test]
fn what_is_not_there_is_empty_text_but_no_agent() {
    let applies = |keys: &str| {
        let exception = exception(keys);
        exception.is_of("Pod", "", "x") && exception.is_for(None, None)
    };
    assert!(applies("container: \"*\""));
    assert!(!applies("container: x*"));
    assert!(applies("namespace: \"*\""));
    assert!(!applies("agent: cloudzero-agent"));
}

#[test]
fn an_exception_keeps_its_reason_day_and_place() {
    let found = exception("expires: 2027-01-31T00:00:00Z, name: a");
    assert_eq!(found.reason, "r");
    assert_eq!(
        found.expires.map(|day| day.to_string()).as_deref(),
        Some("2027-01-31")
    );
    assert_eq!(
        found.at,
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nspec:\n  exceptions:\n  - "
            .len()
    );
}

#[test]
fn days_are_those_of_the_calendar() {
    for text in [
        "2027-01-31",
        "2024-02-29",
        "2000-02-29",
        "0000-01-01",
        "9999-12-31",
        "2027-01-31T00:00:00Z",
        "2027-01-31t23:59:59.5+01:00",
        "2027-01-31 00:00:00",
    ] {
        let date = Date::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(date.to_string(), text[..10]);
    }
    for text in [
        "",
        "2027",
        "2027-1-31",
        "2027-02-29",
        "1900-02-29",
        "2027-04-31",
        "2027-13-01",
        "2027-00-01",
        "2027-01-00",
        "2027-01-32",
        "27-01-31",
        "+027-01-31",
        "2027/01/31",
        "2027-01-31T",
        "2027-01-31Z",
        "2027-01-311",
        "2027-01-31Tx",
        "2027-01-3é",
        "tomorrow",
        "2027-01-31TT00",
    ] {
        assert_eq!(Date::parse(text), None, "{text}");
    }
}

#[test]
fn days_are_counted() {
    let date = |text| Date::parse(text).expect("a date");
    for (days, expected) in [
        (0, "1970-01-01"),
        (-1, "1969-12-31"),
        (59, "1970-03-01"),
        (11_016, "2000-02-29"),
        (20_847, "2027-01-29"),
        (-719_528, "0000-01-01"),
        (2_932_896, "9999-12-31"),
        (i64::MIN, "0000-01-01"),
        (i64::MAX, "9999-12-31"),
    ] {
        assert_eq!(Date::from_unix_days(days).to_string(), expected);
    }
    let epoch = Date::from_unix_days(0);
    for days in (-719_528..=2_932_896).step_by(97) {
        let day = Date::from_unix_days(days);
        assert_eq!(epoch.days_until(day), days);
        assert_eq!(Date::parse(&day.to_string()), Some(day));
    }
    assert_eq!(date("2027-01-31").days_until(date("2027-02-14")), 14);
    assert_eq!(date("2027-01-31").days_until(date("2027-01-30")), -1);
    assert!(date("2027-01-31") < date("2027-02-01"));
}
