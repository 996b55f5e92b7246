//! Where generated objects go: in the place of their older selves, or behind the last item.

use crate::edit::{self, Edit};
use crate::error::{Error, Fault};
use crate::finding::{Finding, ResourceRef, Rule};
use crate::krm::list::{ListShape, Value};
use crate::krm::resource;
use crate::krm::results::{self, Items};
use crate::krm::survey::{Survey, Way, survey};
use crate::krm::unit::{Content, Unit};
use crate::yaml::{Node, Span, read};

use super::Generate;
use super::object::{Object, block, json, origin};
use super::standing::{Standing, canonical, of_unit, standing};

/// The edits, and what each object is to say in the end.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) edits: Vec<Edit>,
    /// What becomes of `items`, for who writes the results.
    pub(super) items: Items,
    /// How many resources there are more than before.
    added: usize,
    expected: Vec<Expected>,
}

/// An object as it should stand in the output.
#[derive(Debug)]
struct Expected {
    group: &'static str,
    kind: &'static str,
    name: String,
    namespace: String,
    value: Option<String>,
}

/// Plans where objects go; `None` where an item cannot be read alone.
///
/// # Errors
/// A resource that is not ours stands where a generated one would go.
pub(super) fn plan(
    input: &str,
    survey: &Survey<'_>,
    generate: &Generate,
    objects: &[Object],
    findings: &mut Vec<Finding>,
) -> Result<Option<Plan>, Error> {
    let Some(old) = standing(input, survey, is_kind)? else {
        return Ok(None);
    };
    let newline = newline(input);
    let ours = format!("{} ", origin(generate, "").trim_end());
    let mut plan = Plan::default();
    let mut new: Vec<(&Object, serde_yaml::Value)> = Vec::new();
    let mut kept: Vec<&Standing> = Vec::new();
    for object in objects {
        let same = old.iter().filter(|old| fits(object, old));
        let same: Vec<&Standing> = same.collect();
        check_ours(object, &same, &ours)?;
        let Some(&first) = same.first() else {
            let value = object.value(generate, &[], &[]);
            plan.expect(object, &value, object.namespace.clone())?;
            findings.push(told(object, "added", None));
            new.push((object, value));
            continue;
        };
        let mut object = object.clone();
        let moved = !object.is_cluster_wide && object.namespace.is_none();
        if moved && !first.namespace.is_empty() {
            object.namespace = Some(first.namespace.clone());
        }
        let value = object.value(generate, &first.labels, &first.annotations);
        let said = plan.expect(&object, &value, object.namespace.clone())?;
        kept.extend(&same);
        let mut differs = false;
        // kpt hands an item in twice when two selectors fit it: each is put right.
        for standing in same.iter().filter(|standing| standing.value != said) {
            let text = match standing.column {
                Some(column) => indented(&block(&value)?, column).trim().to_owned(),
                None => json(&value),
            };
            let text = text.replace('\n', newline);
            plan.edits.push(Edit::replace(standing.span.clone(), text));
            differs = true;
        }
        if differs {
            findings.push(told(&object, "replaced", Some(first)));
        }
    }
    plan.added = new.len();
    if !new.is_empty() {
        add(input, survey, &new, &mut plan)?;
    }
    let is_stale = |old: &&Standing| {
        let is_ours = old.origin().is_some_and(|origin| origin.starts_with(&ours));
        is_ours && old.is_managed() && !kept.iter().any(|known| known == old)
    };
    findings.extend(old.iter().filter(is_stale).map(stale));
    Ok(Some(plan))
}

/// The kinds of which something is generated.
pub(super) fn is_kind(group: &str, kind: &str) -> bool {
    matches!(
        (group, kind),
        ("batch", "CronJob")
            | ("", "ConfigMap" | "ServiceAccount")
            | ("rbac.authorization.k8s.io", "Role" | "RoleBinding")
            | (
                "admissionregistration.k8s.io",
                "ValidatingAdmissionPolicy"
                    | "ValidatingAdmissionPolicyBinding"
                    | "MutatingAdmissionPolicy"
                    | "MutatingAdmissionPolicyBinding"
            )
    )
}

/// Whether a resource stands where an object would go. An object without a namespace goes wherever
/// somebody has put its older self.
fn fits(object: &Object, old: &Standing) -> bool {
    let namespace = match &object.namespace {
        Some(namespace) => *namespace == old.namespace,
        None => object.is_cluster_wide || old.namespace.is_empty() || old.is_managed(),
    };
    namespace
        && object.kind == old.kind
        && object.name == old.name
        && resource::group(object.api_version) == old.group
}

fn check_ours(object: &Object, same: &[&Standing], ours: &str) -> Result<(), Error> {
    let refuse = |old: &Standing, why: &str, help: &str| {
        let what = format!("{} {why}", object.shown());
        Err(Error::Input(Fault::input(old.span.start, what, Some(help))))
    };
    if let Some(old) = same.iter().find(|old| !old.is_managed()) {
        let why = "is to be generated, and one that restore-images does not manage stands here";
        let help = "give the GenerateImages object another name, or remove this one";
        return refuse(old, why, help);
    }
    let is_other = |old: &&&Standing| old.origin().is_none_or(|origin| !origin.starts_with(ours));
    if let Some(old) = same.iter().find(is_other) {
        let why = "was generated from another GenerateImages object, or from one that has moved";
        let help = "give the GenerateImages object another name, or remove this resource";
        return refuse(old, why, help);
    }
    match same.iter().find(|old| !old.is_top) {
        Some(old) => refuse(
            old,
            "was generated before and now stands inside a List",
            "make it an item of its own, or remove it",
        ),
        None => Ok(()),
    }
}

impl Plan {
    /// Notes what an object should say; returns it.
    fn expect(
        &mut self,
        object: &Object,
        value: &serde_yaml::Value,
        namespace: Option<String>,
    ) -> Result<Option<String>, Error> {
        let text = block(value)?;
        let node = read::document(&text).ok().flatten();
        let said = node.as_ref().and_then(canonical);
        self.expected.push(Expected {
            group: resource::group(object.api_version),
            kind: object.kind,
            name: object.name.clone(),
            namespace: namespace.unwrap_or_default(),
            value: said.clone(),
        });
        Ok(said)
    }
}

fn reference(object: &Object) -> ResourceRef {
    ResourceRef {
        api_version: object.api_version.to_owned(),
        kind: object.kind.to_owned(),
        name: object.name.clone(),
        namespace: object.namespace.clone().unwrap_or_default(),
    }
}

fn told(object: &Object, verb: &str, old: Option<&Standing>) -> Finding {
    let mut finding = super::remark(
        Rule::GeneratedResource,
        None,
        format!("{verb}: {}", object.comment),
    );
    finding.resource = Some(reference(object));
    finding.ordinal = old.map_or(usize::MAX, |old| old.ordinal);
    finding.at = old.map(|old| old.span.start);
    finding
}

fn stale(old: &Standing) -> Finding {
    let namespace = match old.namespace.as_str() {
        "" => String::new(),
        namespace => format!("{namespace}/"),
    };
    let mut finding = super::remark(
        Rule::StaleGeneratedResource,
        None,
        format!(
            "{} {namespace}{} was generated before and no longer is: delete it, here and in the \
             cluster",
            old.kind, old.name
        ),
    );
    finding.resource = Some(ResourceRef {
        api_version: match old.group.as_str() {
            "" => "v1".to_owned(),
            group => format!("{group}/v1"),
        },
        kind: old.kind.clone(),
        name: old.name.clone(),
        namespace: old.namespace.clone(),
    });
    finding.ordinal = old.ordinal;
    finding.at = Some(old.span.start);
    finding
}

fn newline(input: &str) -> &'static str {
    match input.contains("\r\n") {
        true => "\r\n",
        false => "\n",
    }
}

/// A text whose lines begin at a column; empty lines stay empty.
fn indented(text: &str, column: usize) -> String {
    text.split_inclusive('\n')
        .map(|line| match line.trim_end() {
            "" => line.to_owned(),
            _ => format!("{:column$}{line}", ""),
        })
        .collect()
}

/// Adds objects behind what is there.
fn add(
    input: &str,
    survey: &Survey<'_>,
    new: &[(&Object, serde_yaml::Value)],
    plan: &mut Plan,
) -> Result<(), Error> {
    match &survey.list {
        Some(shape) => add_items(input, survey, shape, new, plan),
        None => add_documents(input, survey, new, plan),
    }
}

fn comment(object: &Object) -> String {
    let mut letters = object.comment.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("# {}{}.\n", first.unwrap_or_default(), letters.as_str())
}

fn add_documents(
    input: &str,
    survey: &Survey<'_>,
    new: &[(&Object, serde_yaml::Value)],
    plan: &mut Plan,
) -> Result<(), Error> {
    let is_flow = |span: &Span| input[span.clone()].trim_start().starts_with('{');
    let mut units = survey.units.iter();
    let all_flow = !survey.units.is_empty() && units.all(|unit| is_flow(&unit.span));
    let newline = newline(input);
    let mut text = String::new();
    if !input.is_empty() && !input.ends_with('\n') {
        text.push('\n');
    }
    for (index, (object, value)) in new.iter().enumerate() {
        if all_flow {
            text.push_str(&json(value));
            text.push('\n');
            continue;
        }
        if index > 0 || !survey.units.is_empty() {
            text.push_str("---\n");
        }
        text.push_str(&comment(object));
        text.push_str(&block(value)?);
    }
    let text = text.replace('\n', newline);
    plan.edits.push(Edit::insert(input.len(), text));
    Ok(())
}

fn add_items(
    input: &str,
    survey: &Survey<'_>,
    shape: &ListShape,
    new: &[(&Object, serde_yaml::Value)],
    plan: &mut Plan,
) -> Result<(), Error> {
    let entry = shape.entry("items");
    let is_list = entry.is_some_and(|entry| entry.found == Value::List);
    let is_empty = survey.units.is_empty() || count(input, survey)? == 0;
    let in_flow = entry.is_some_and(|entry| input[entry.value.clone()].starts_with('['));
    if shape.flow || (is_list && in_flow && !is_empty) {
        let objects: Vec<String> = new.iter().map(|(_, value)| json(value)).collect();
        return flow_items(input, survey, shape, &objects, plan);
    }
    let newline = newline(input);
    let column = match entry.filter(|_| is_list && !is_empty) {
        Some(_) => block_column(input, first_start(input, survey)?)?,
        None => shape.indent(input),
    };
    let mut lines = String::new();
    for (object, value) in new {
        lines.push_str(&indented(&comment(object), column));
        let body = indented(&block(value)?, column + 2);
        lines.push_str(&format!("{:column$}- {}", "", body.trim_start()));
    }
    let at = match entry {
        // Behind the last item's last line; what comments follow stay behind ours.
        Some(_) if is_list && !is_empty => end_of_line(input, last_end(input, survey)?),
        Some(entry) => {
            plan.items = Items::Made;
            let colon = results::colon_end(input, entry.key.end);
            plan.edits
                .push(Edit::replace(colon..entry.value.end.max(colon), ""));
            end_of_line(input, entry.value.end.max(colon))
        }
        None => {
            plan.items = Items::Made;
            lines.insert_str(0, &format!("{:column$}items:\n", ""));
            shape.end
        }
    };
    let lines = match input[..at].ends_with('\n') {
        true => lines,
        false => format!("\n{}", lines.trim_end()),
    };
    plan.edits
        .push(Edit::insert(at, lines.replace('\n', newline)));
    Ok(())
}

/// The offset behind the line break of a line, or the end of the input.
fn end_of_line(input: &str, at: usize) -> usize {
    let line = memchr::memchr(b'\n', &input.as_bytes()[at..]);
    line.map_or(input.len(), |offset| at + offset + 1)
}

/// The column of a block list's dashes: that of the dash before its first item, which comments may
/// part from it.
fn block_column(input: &str, first: usize) -> Result<usize, Error> {
    let mut end = first;
    loop {
        let line = input[..end].rfind('\n').map_or(0, |newline| newline + 1);
        let text = &input[line..end];
        let words = text.trim_start_matches([' ', '\u{feff}']);
        if words.starts_with('-') {
            return Ok(text.len() - words.len());
        }
        if line == 0 || !(words.trim().is_empty() || words.starts_with('#')) {
            let what = "nothing can be added to a list of items whose dashes are not found";
            let help = "write each item behind a dash of its own";
            return Err(Error::Input(Fault::input(first, what, Some(help))));
        }
        end = line - 1;
    }
}

/// Where the first item begins.
fn first_start(input: &str, survey: &Survey<'_>) -> Result<usize, Error> {
    Ok(match survey.units.first() {
        Some(unit) if unit.content == Content::ResourceList => items_of(input, unit)?
            .first()
            .map_or(unit.span.start, |span| span.start),
        Some(unit) => unit.span.start,
        None => 0,
    })
}

/// The items of a ResourceList that is one unit, each without what follows its last value.
fn items_of(input: &str, unit: &Unit) -> Result<Vec<Span>, Error> {
    let unreadable = || {
        Error::Input(Fault::input(
            unit.span.start,
            "the items cannot be read",
            None,
        ))
    };
    let text = unit.text(input);
    let root = read::document(&text)
        .ok()
        .flatten()
        .ok_or_else(unreadable)?;
    let items = root.get("items").map_err(|_| unreadable())?;
    let items = items.and_then(Node::items).unwrap_or_default();
    let span = |item: &Node<'_>| {
        let end = edit::value_end(&text, item, item.span.end);
        unit.offset(item.start)..unit.offset(end)
    };
    Ok(items.iter().map(span).collect())
}

fn flow_items(
    input: &str,
    survey: &Survey<'_>,
    shape: &ListShape,
    objects: &[String],
    plan: &mut Plan,
) -> Result<(), Error> {
    let Some(entry) = shape.entry("items") else {
        plan.items = Items::Made;
        let pair = format!("\"items\": [{}]", objects.join(", "));
        plan.edits
            .extend(results::flow_pairs(input, shape, None, &[pair]));
        return Ok(());
    };
    if entry.found == Value::Null {
        plan.items = Items::Made;
        let list = format!("[{}]", objects.join(", "));
        plan.edits.push(match entry.value.is_empty() {
            true => {
                let colon = results::colon_end(input, entry.key.end);
                Edit::insert(colon, format!(" {list}"))
            }
            false => Edit::replace(entry.value.clone(), list),
        });
        return Ok(());
    }
    if count(input, survey)? == 0 {
        let list = format!("[{}]", objects.join(", "));
        plan.edits.push(Edit::replace(entry.value.clone(), list));
        return Ok(());
    }
    let at = last_end(input, survey)?;
    let start = survey.units.last().map_or(at, |unit| unit.span.start);
    let line = input[..start].rfind('\n').map(|newline| newline + 1);
    let blanks = line.map(|line| &input[line..start]);
    let separator = match blanks.filter(|blanks| blanks.trim().is_empty()) {
        Some(blanks) => format!(",{}{blanks}", newline(input)),
        None => ", ".to_owned(),
    };
    let text: String = objects
        .iter()
        .map(|object| format!("{separator}{object}"))
        .collect();
    plan.edits.push(Edit::insert(at, text));
    Ok(())
}

/// How many items there are; where anchors cross them they are one unit.
fn count(input: &str, survey: &Survey<'_>) -> Result<usize, Error> {
    match survey.units.first() {
        Some(unit) if unit.content == Content::ResourceList => Ok(items_of(input, unit)?.len()),
        _ => Ok(survey.units.len()),
    }
}

/// Where the last item's last value ends.
fn last_end(input: &str, survey: &Survey<'_>) -> Result<usize, Error> {
    let Some(unit) = survey.units.last() else {
        return Ok(input.len());
    };
    if unit.content == Content::ResourceList {
        return Ok(items_of(input, unit)?
            .last()
            .map_or(unit.span.end, |span| span.end));
    }
    let text = unit.text(input);
    let root = read::document(&text).ok().flatten();
    let unreadable = || {
        Error::Input(Fault::input(
            unit.span.start,
            "the item cannot be read",
            None,
        ))
    };
    let root = root.ok_or_else(unreadable)?;
    Ok(unit.offset(edit::value_end(&text, &root, root.span.end)))
}

/// Reads the output again: every object stands in it once, or as often as before, and says what it
/// should.
///
/// # Errors
/// It does not; nothing is to be written then.
pub(super) fn check(
    input: &str,
    before: &Survey<'_>,
    edits: &[Edit],
    plan: &Plan,
) -> Result<(), Error> {
    let output = edit::apply(input, edits);
    let wrong = |what: String| {
        let help = "nothing was written; please report this input as a defect";
        Error::Edit(Fault::input(0, what, Some(help)))
    };
    if output.trim().is_empty() {
        return Ok(());
    }
    let whole = before
        .units
        .iter()
        .any(|unit| unit.content == Content::ResourceList);
    let way = if whole { Way::Whole } else { Way::Items };
    let after = survey(&output, way)
        .ok()
        .flatten()
        .ok_or_else(|| wrong("the output cannot be read again".to_owned()))?;
    if count(&output, &after)? != count(input, before)? + plan.added {
        return Err(wrong(
            "the output has more or fewer items than planned".to_owned(),
        ));
    }
    let mut found = Vec::new();
    for unit in &after.units {
        let kind = |resource: &resource::Resource<'_, '_>| is_kind(resource.group(), resource.kind);
        found.extend(of_unit(&output, unit, kind)?.unwrap_or_default());
    }
    for expected in &plan.expected {
        let is_it = |found: &&Standing| {
            (found.group.as_str(), found.kind.as_str()) == (expected.group, expected.kind)
                && (&found.name, &found.namespace) == (&expected.name, &expected.namespace)
        };
        let mut same = found.iter().filter(is_it).peekable();
        let there = same.peek().is_some();
        if !there || !same.all(|found| found.is_managed() && found.value == expected.value) {
            let what = format!("{} {} is not as planned", expected.kind, expected.name);
            return Err(wrong(what));
        }
    }
    Ok(())
}

/// Two edits at one place, which would be a defect.
pub(super) fn overlap(at: usize) -> Error {
    let help = "nothing was written; please report this input as a defect";
    Error::Edit(Fault::input(at, "two edits overlap", Some(help)))
}
