//! The built-in profiles: each file's own examples are its proof.

use restore_images::agent;
use restore_images::config::{self, Date};
use restore_images::function;
use restore_images::restore::Request;
use restore_images::yaml::parse;

use crate::support::assert_text_eq;

fn config_of(agents: &str) -> String {
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents:\n{agents}"
    )
}

fn deployment(image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: \"{image}\"}}]}}}}}}\n"
    )
}

/// What becomes of a Deployment's image under a configuration.
fn restored_image(config: &str, input: &str) -> String {
    let request = Request {
        input,
        config: Some(config),
        today: Date::from_unix_days(20_000),
    };
    let outcome = function::run(&request).expect("the example is restored");
    let output = outcome.output(input);
    let (_, rest) = output.rsplit_once("image: \"").expect("an image");
    let (image, _) = rest.split_once('"').expect("its end");
    image.to_owned()
}

#[test]
fn every_built_in_profile_is_proved_by_its_examples() {
    let mut count = 0;
    for name in agent::builtin_names() {
        let text = config_of(&format!("  - {name}\n"));
        let node = parse::document(&text).expect("YAML");
        let document = config::Document {
            node: &node,
            origin: restore_images::error::Origin::Config,
        };
        let config = config::read(Some(document), &[]).expect("a built-in profile is right");
        let profile = &config.agents[0];
        assert_eq!(*profile.name, *name, "the file is named as its profile");
        assert!(
            profile.docs.is_some(),
            "{name} says where the vendor says so"
        );
        assert!(!profile.examples.is_empty(), "{name} has no example");
        for example in &profile.examples {
            let image = restored_image(&text, &deployment(&example.from));
            assert_text_eq(&image, &example.to);
            let again = restored_image(&text, &deployment(&example.to));
            assert_text_eq(&again, &example.to);
            count += 1;
        }
    }
    assert!(count > 5);
}

#[test]
fn a_copy_of_a_built_in_profile_works_in_the_configuration_and_among_the_items() {
    for name in agent::builtin_names() {
        let file = agent::builtin_text(name).expect("built in");
        let indented: String = file.lines().map(|line| format!("    {line}\n")).collect();
        let inline = config_of(&format!("  -\n{indented}"));
        let named = config_of(&format!("  - {name}\n"));
        let node = parse::document(&named).expect("YAML");
        let document = config::Document {
            node: &node,
            origin: restore_images::error::Origin::Config,
        };
        let config = config::read(Some(document), &[]).expect("a built-in profile is right");
        for example in &config.agents[0].examples {
            let input = deployment(&example.from);
            assert_text_eq(&restored_image(&inline, &input), &example.to);
            let with_item = format!("{file}---\n{input}");
            assert_text_eq(&restored_image(&named, &with_item), &example.to);
        }
    }
}
