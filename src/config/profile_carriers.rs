//! Variables, arguments, settings and keys of a profile that hold images, as they are written.

use super::agent_entry::ProfileSpec;
use super::fault::{ConfigFault, quoted};
use super::profile_entry::{ArgEntry, DataEntry, EnvEntry, PrefixEntry};
use super::spanned::Spanned;
use crate::agent::AgentImage;
use crate::field::carrier::{ArgCarrier, Carriers, EnvCarrier, PrefixCarrier};
use crate::field::data::DataCarrier;

/// What a profile says of places that hold its images.
pub(super) fn carriers(spec: &ProfileSpec, images: &[AgentImage]) -> Result<Carriers, ConfigFault> {
    let prefix = |entry| prefix(entry, images);
    Ok(Carriers {
        env: spec.env.iter().map(env).collect::<Result<_, _>>()?,
        args: spec.args.iter().map(arg).collect::<Result<_, _>>()?,
        prefixes: spec.prefixes.iter().map(prefix).collect::<Result<_, _>>()?,
        data: spec.data.iter().map(data).collect::<Result<_, _>>()?,
        manifests: spec
            .manifests
            .iter()
            .map(manifest)
            .collect::<Result<_, _>>()?,
    })
}

fn env(entry: &EnvEntry) -> Result<EnvCarrier, ConfigFault> {
    let others = [
        &entry.tag,
        &entry.image_pull_policy,
        &entry.image_pull_secrets,
    ];
    check_names(&entry.image, others, "variable")?;
    Ok(EnvCarrier {
        image: entry.image.value.clone(),
        tag: text(&entry.tag),
        policy: text(&entry.image_pull_policy),
        pull_secrets: text(&entry.image_pull_secrets),
    })
}

fn arg(entry: &ArgEntry) -> Result<ArgCarrier, ConfigFault> {
    let flag = &entry.flag;
    // What follows a word that is no flag is any argument.
    if !flag.value.starts_with('-') || flag.value.contains('=') {
        let fault = flag.fault(format!("{} is not a flag", quoted(&flag.value)));
        return Err(
            fault.help("write it with its dashes and without a value: `--image`".to_owned())
        );
    }
    Ok(ArgCarrier {
        flag: flag.value.clone(),
    })
}

fn prefix(entry: &PrefixEntry, images: &[AgentImage]) -> Result<PrefixCarrier, ConfigFault> {
    if entry.setting.value.is_empty() {
        let fault = entry.setting.fault("the setting has no name");
        return Err(fault.help("write the variable, or the flag: `--registry`".to_owned()));
    }
    let before = &entry.before;
    let name = format!("/{}", before.value);
    let ends_so =
        |name: &str, end: &str| name.strip_suffix(end).is_some_and(|rest| !rest.is_empty());
    let is_of = |image: &AgentImage| {
        let mut names = image.names();
        let mut paths = image.mirror_paths.iter();
        names.any(|official| ends_so(&official.repository.to_string(), &name))
            || paths.any(|path| ends_so(path, &name))
    };
    if before.value.is_empty() || !images.iter().any(is_of) {
        let what = format!("no image of the profile ends in {}", quoted(&before.value));
        let last = images
            .first()
            .and_then(|image| image.official.repository.path().rsplit('/').next());
        let last = last.unwrap_or("agent");
        let help =
            format!("write the end of the name of one, behind what the setting holds: `{last}`");
        return Err(before.fault(what).help(help));
    }
    Ok(PrefixCarrier {
        setting: entry.setting.value.clone(),
        name,
    })
}

fn data(entry: &DataEntry) -> Result<DataCarrier, ConfigFault> {
    let others = [
        &entry.tag,
        &entry.image_pull_policy,
        &entry.image_pull_secret,
    ];
    check_names(&entry.image, others, "key")?;
    Ok(DataCarrier {
        image: entry.image.value.clone(),
        tag: text(&entry.tag),
        policy: text(&entry.image_pull_policy),
        pull_secret: text(&entry.image_pull_secret),
    })
}

fn manifest(key: &Spanned<String>) -> Result<String, ConfigFault> {
    if key.value.is_empty() {
        let fault = key.fault("the key has no name");
        return Err(fault.help("write the name of the key".to_owned()));
    }
    Ok(key.value.clone())
}

/// Whether each of the variables or keys that together name an image has a name, and one of its own.
fn check_names(
    image: &Spanned<String>,
    others: [&Option<Spanned<String>>; 3],
    what: &str,
) -> Result<(), ConfigFault> {
    let mut known: Vec<&Spanned<String>> = Vec::new();
    for name in std::iter::once(image).chain(others.into_iter().flatten()) {
        if name.value.is_empty() {
            let fault = name.fault(format!("the {what} has no name"));
            return Err(fault.help(format!("write the name of the {what}")));
        }
        if let Some(first) = known.iter().find(|known| known.value == name.value) {
            let fault = name.fault(format!("the {what} {} stands twice", quoted(&name.value)));
            return Err(fault
                .first(first.at)
                .help(format!("a {what} holds one of these")));
        }
        known.push(name);
    }
    Ok(())
}

fn text(name: &Option<Spanned<String>>) -> Option<String> {
    name.as_ref().map(|name| name.value.clone())
}
