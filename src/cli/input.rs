//! Files or standard input as one text, and offsets in that text back as places in the files.

use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

use super::encoding::{Bytes, Encoding};
use crate::yaml::place::place;

/// A text put together from one or several sources.
#[derive(Debug, Default)]
pub(super) struct JoinedInput {
    pub(super) text: Cow<'static, str>,
    /// That of the only source.
    pub(super) encoding: Encoding,
    sources: Vec<InputPart>,
}

#[derive(Debug)]
struct InputPart {
    start: usize,
    name: String,
}

/// The name of standard input in places.
const STDIN: &str = "stdin";

impl JoinedInput {
    /// Reads standard input.
    pub(super) fn stdin() -> Result<Self> {
        let stdin = std::io::stdin().lock();
        if stdin.is_terminal() {
            bail!(
                "standard input is a terminal\n\
                 help: pipe in a ResourceList or manifests, or see `restore-images --help`"
            );
        }
        let bytes = super::stdin::read(stdin).context("cannot read standard input")?;
        JoinedInput::of_one(STDIN, bytes)
    }

    /// Reads a file; `-` is standard input.
    pub(super) fn file(path: &Path) -> Result<Self> {
        if path.as_os_str() == "-" {
            return JoinedInput::stdin();
        }
        let name = path.display().to_string();
        if path.is_dir() {
            bail!(
                "{name}: is a folder, and a file is needed here\n\
                 help: name a file in it; for the manifests of a whole folder, use \
                 `restore-images check {name}`"
            );
        }
        if is_device(path) {
            bail!("{name}: is a device, which has no end\nhelp: give a file or a pipe");
        }
        let bytes = std::fs::read(path);
        let bytes = bytes.map_err(|error| {
            let help = match error.kind() {
                ErrorKind::NotFound => "\nhelp: correct the path, which counts from this folder",
                ErrorKind::PermissionDenied => "\nhelp: correct its mode",
                _ => "",
            };
            anyhow!("{name}: cannot read the file: {error}{help}")
        })?;
        JoinedInput::of_one(&name, bytes)
    }

    /// Reads files into one stream of documents.
    pub(super) fn files(paths: &[impl AsRef<Path>]) -> Result<Self> {
        let inputs = paths.iter().map(|path| JoinedInput::file(path.as_ref()));
        Ok(JoinedInput::joined(inputs.collect::<Result<Vec<_>>>()?))
    }

    /// Texts as one stream of documents.
    pub(super) fn joined(inputs: Vec<JoinedInput>) -> Self {
        let mut all = JoinedInput::default();
        inputs.into_iter().for_each(|input| all.append(input));
        all
    }

    /// A text of one source, by its name in places.
    pub(super) fn of_one(name: &str, bytes: impl Into<Bytes>) -> Result<Self> {
        let bytes = bytes.into();
        let encoding = Encoding::of(&bytes.bytes);
        let text = encoding.decode(bytes).map_err(|no_text| {
            let place = place(&no_text.before, no_text.before.len());
            anyhow!("{name}:{place}: {}\nhelp: {}", no_text.what, no_text.help)
        })?;
        let name = name.to_owned();
        Ok(JoinedInput {
            text,
            encoding,
            sources: vec![InputPart { start: 0, name }],
        })
    }

    /// Appends another text, as documents of its own.
    fn append(&mut self, other: JoinedInput) {
        if self.text.is_empty() {
            *self = other;
            return;
        }
        self.encoding = Encoding::Utf8;
        let all = self.text.to_mut();
        if !all.ends_with('\n') {
            all.push('\n');
        }
        // A byte order mark is allowed at the start of a stream only.
        let text = other.text.strip_prefix('\u{feff}').unwrap_or(&other.text);
        let mut lines = text.lines();
        let first = lines.find(|line| !line.trim().is_empty() && !line.starts_with('#'));
        match first {
            Some(line)
                if line == "---" || line.starts_with("--- ") || line.starts_with("---\t") => {}
            Some(line) if line.starts_with('%') => all.push_str("...\n"),
            _ => all.push_str("---\n"),
        }
        all.push_str(text);
        let start = all.len() - text.len();
        let name = other
            .sources
            .into_iter()
            .map(|source| source.name)
            .collect();
        self.sources.push(InputPart { start, name });
    }

    /// Whether it is the text of this source.
    pub(super) fn is_named(&self, name: &str) -> bool {
        matches!(self.sources.as_slice(), [source] if source.name == name)
    }

    /// The name of the first source.
    pub(super) fn name(&self) -> &str {
        self.sources.first().map_or(STDIN, |source| &source.name)
    }

    /// `FILE:LINE:COLUMN` of an offset.
    pub(super) fn place(&self, at: usize) -> String {
        let index = self.sources.partition_point(|source| source.start <= at);
        let Some(source) = index.checked_sub(1).map(|index| &self.sources[index]) else {
            return STDIN.to_owned();
        };
        let place = place(&self.text[source.start..], at - source.start);
        format!("{}:{place}", source.name)
    }

    /// As [`JoinedInput::place`] for many offsets.
    pub(super) fn places(&self, offsets: &[usize]) -> Vec<String> {
        let mut found = vec![STDIN.to_owned(); offsets.len()];
        for (index, source) in self.sources.iter().enumerate() {
            let end = self
                .sources
                .get(index + 1)
                .map_or(usize::MAX, |next| next.start);
            let inside = offsets.iter().enumerate();
            let inside = inside.filter(|(_, at)| (source.start..end).contains(*at));
            let (positions, offsets): (Vec<usize>, Vec<usize>) = inside
                .map(|(position, at)| (position, at - source.start))
                .unzip();
            let places = crate::yaml::place::places(&self.text[source.start..], &offsets);
            for (position, place) in positions.into_iter().zip(places) {
                found[position] = format!("{}:{place}", source.name);
            }
        }
        found
    }
}

/// Whether a path leads to a device that is no terminal and no pipe, such as `/dev/zero`.
#[cfg(unix)]
pub(super) fn is_device(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;

    let kind = std::fs::metadata(path).map(|metadata| metadata.file_type());
    kind.is_ok_and(|kind| kind.is_block_device() || kind.is_char_device())
}

#[cfg(not(unix))]
pub(super) fn is_device(_: &Path) -> bool {
    false
}
