//! The program that asks go-yaml: one process reads thousands of texts.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;

use crate::support::tool;

/// What the readers of Kubernetes' tools make of one text.
#[derive(Deserialize)]
pub(crate) struct Answer {
    /// go-yaml's decoder over the whole text.
    pub(crate) stream: View<Written>,
    /// kustomize's and kpt's reader, which splits the text before it decodes.
    pub(crate) kyaml: View<Written>,
    /// kubectl's and Argo CD's decoder.
    pub(crate) kubectl: View<serde_json::Value>,
}

/// What one reader gives.
#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub(crate) struct View<T> {
    documents: Option<Vec<T>>,
    error: Option<String>,
}

impl<T> View<T> {
    /// The documents, or why the reader refuses the text.
    pub(crate) fn read(&self) -> Result<&[T], &str> {
        match &self.error {
            Some(error) => Err(error),
            None => Ok(self.documents.as_deref().unwrap_or_default()),
        }
    }
}

/// A value as it is written: its order, anchors and aliases are kept.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) kind: String,
    pub(crate) tag: String,
    pub(crate) style: String,
    pub(crate) text: String,
    pub(crate) pairs: Vec<Written>,
    pub(crate) items: Vec<Written>,
    pub(crate) anchor: usize,
    pub(crate) alias: usize,
}

/// The running program.
pub(crate) struct GoYaml {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl GoYaml {
    /// Starts the program, where it is installed.
    pub(crate) fn start() -> Option<Self> {
        let mut process = Command::new(tool("go-yaml")?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("go-yaml starts");
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        Some(GoYaml {
            process,
            input,
            output,
        })
    }

    /// What the readers make of a text; `None` where it nests deeper than JSON is read here.
    pub(crate) fn read(&mut self, text: &str) -> Option<Answer> {
        let line = self.answer(text.as_bytes());
        match serde_json::from_str(&line) {
            Ok(answer) => Some(answer),
            Err(error) if error.to_string().starts_with("recursion limit") => None,
            Err(error) => panic!("{error}: {text:?}: {line}"),
        }
    }
}

impl GoYaml {
    /// What the readers make of bytes, as JSON on a line.
    pub(crate) fn answer(&mut self, bytes: &[u8]) -> String {
        let length = u32::try_from(bytes.len()).expect("a text of sane size");
        let input = self.input.as_mut().expect("open until the end");
        let mut message = length.to_be_bytes().to_vec();
        message.extend(bytes);
        input.write_all(&message).expect("go-yaml takes the text");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("an answer");
        line
    }
}

impl Drop for GoYaml {
    fn drop(&mut self) {
        // A closed input ends the program.
        self.input = None;
        let _ = self.process.wait();
    }
}
