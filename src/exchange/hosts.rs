//! containerd's hosts.toml, one file in a folder for each registry.

use toml::de::DeTable;

use super::endpoint::endpoint;
use super::table::{Value, document, get, is_true, text, text_of};
use super::{FileMirrors, ImportFault, LOOK, LocatedText, shown};
use crate::sort::sort_by_key;

/// Reads the file of the registry that its folder names.
pub(super) fn read(text: &str, folder: &str) -> Result<FileMirrors, ImportFault> {
    let root = document(text)?;
    let mut found = FileMirrors {
        is_known: get(&root, "server").is_some() || get(&root, "host").is_some(),
        ..FileMirrors::default()
    };
    let Some(source) = registry(folder) else {
        found.warn_with_help(
            0,
            "`_default` is for every registry that has no folder, and a rule is for one: left out",
            "write a rule for each registry",
        );
        return Ok(found);
    };
    let mut prefixes: Vec<(String, usize)> = Vec::new();
    for (url, value) in hosts(&root) {
        let Some(table) = value.get_ref().as_table() else {
            continue;
        };
        prefixes.extend(mirror(url, table, &mut found));
    }
    // The server is what is asked last: elsewhere, or the registry itself.
    if let Some(server) = text_of(&root, "server") {
        let server_is_elsewhere = endpoint(server.text, is_true(&root, "override_path"))
            .map_or(true, |it| it.prefix != source);
        if server_is_elsewhere {
            prefixes.extend(mirror(server, &root, &mut found));
        }
    }
    let mirrors: Vec<LocatedText<'_>> = prefixes
        .iter()
        .map(|(text, at)| LocatedText { text, at: *at })
        .collect();
    let at = mirrors.first().map_or(0, |first| first.at);
    found.pair(LocatedText { text: &source, at }, &mirrors);
    Ok(found)
}

/// The registry of a folder, whose port is written with `:` or between `_`; none for the default.
fn registry(folder: &str) -> Option<String> {
    if folder == "_default" {
        return None;
    }
    let inner = folder.strip_suffix('_');
    let port = inner.and_then(|inner| inner.rsplit_once('_'));
    let port = port.filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    Some(match port {
        Some((host, port)) => format!("{host}:{port}"),
        None => folder.to_owned(),
    })
}

/// The hosts in the order of the file, which is the one in which they are asked.
fn hosts<'t, 'i>(root: &'t DeTable<'i>) -> Vec<(LocatedText<'t>, &'t Value<'i>)> {
    let table = get(root, "host").and_then(|value| value.get_ref().as_table());
    let pairs = table.into_iter().flat_map(DeTable::iter);
    let mut hosts: Vec<_> = pairs
        .map(|(url, value)| {
            let at = url.span().start + 1;
            (
                LocatedText {
                    text: url.get_ref(),
                    at,
                },
                value,
            )
        })
        .collect();
    sort_by_key(&mut hosts, |(url, _)| url.at);
    hosts
}

/// The prefix of a host, with its place; none where images are not pulled from it by their names.
fn mirror(
    url: LocatedText<'_>,
    table: &DeTable<'_>,
    found: &mut FileMirrors,
) -> Option<(String, usize)> {
    let capabilities = get(table, "capabilities").and_then(|value| value.get_ref().as_array());
    let can = |word: &str| {
        capabilities.is_none_or(|all| {
            all.is_empty() || all.iter().filter_map(text).any(|it| it.text == word)
        })
    };
    let is_pulled_from = can("pull");
    if !is_pulled_from && !can("resolve") {
        return None;
    }
    let endpoint = match endpoint(url.text, is_true(table, "override_path")) {
        Ok(endpoint) => endpoint,
        Err(why) => {
            let what = format!("{}: {why}: left out", shown(url.text));
            found.warn(url.at, what);
            return None;
        }
    };
    let prefix = shown(&endpoint.prefix);
    if !is_pulled_from {
        let what =
            format!("{prefix} says what tags mean, and images are pulled from elsewhere: left out");
        found.warn(url.at, what);
        return None;
    }
    if !can("resolve") {
        let what = format!("{prefix} is for images by digest alone, and a rule is for every image");
        found.warn_with_help(url.at, what, LOOK);
    }
    if is_true(table, "skip_verify") {
        let what = format!("the certificate of {prefix} is not checked, which no rule can express");
        found.warn(url.at, what);
    }
    if get(table, "header").is_some() {
        found.warn(
            url.at,
            format!("{prefix} gets headers, which no rule can express"),
        );
    }
    if get(table, "ca").is_some() {
        found.warn_with_help(
            url.at,
            format!("{prefix} has an authority of its own, which no rule can express"),
            "see that every node, and `mirror status` by --ca-bundle, trusts it",
        );
    }
    if get(table, "client").is_some() {
        let what = format!("{prefix} wants a client's certificate, which no rule can express");
        found.warn(url.at, what);
    }
    if endpoint.is_plain_http {
        let (host, _) = endpoint
            .prefix
            .split_once('/')
            .unwrap_or((&endpoint.prefix, ""));
        found.plain_http.push(host.to_owned());
    }
    Some((endpoint.prefix, url.at))
}
