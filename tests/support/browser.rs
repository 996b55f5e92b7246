//! A headless Chromium, driven by its DevTools protocol over a pair of pipes: messages are JSON, each
//! ended by a zero byte. <https://chromedevtools.github.io/devtools-protocol/>

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::tool;

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    commands: ChildStdin,
    messages: BufReader<ChildStdout>,
    session: Value,
    last_id: u64,
    /// Events that came while something else was waited for.
    events: VecDeque<Value>,
    /// What Chromium would keep in the home folder; removed when the browser is gone.
    _profile: TempDir,
}

impl Browser {
    /// Starts Chromium; `None` says that it is absent.
    pub(crate) fn start() -> Option<Self> {
        let program = tool("chromium-headless-shell")?;
        let profile = tempfile::tempdir().expect("a folder");
        // It reads commands from descriptor 3 and writes to 4. Its sandbox refuses to run as root, and
        // the only pages that it opens are the tests' own.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(program)
            .args(["--remote-debugging-pipe", "--no-sandbox", "--disable-gpu"])
            .args(["--disable-dev-shm-usage", "--no-first-run"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh starts");
        let commands = child.stdin.take().expect("a pipe");
        let messages = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut browser = Browser {
            child,
            commands,
            messages,
            session: Value::Null,
            last_id: 0,
            events: VecDeque::new(),
            _profile: profile,
        };
        let page = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let target = json!({"targetId": page["targetId"], "flatten": true});
        browser.session = browser.call("Target.attachToTarget", target)["sessionId"].clone();
        for domain in ["Page", "Log", "Network", "Accessibility"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Opens a file, and waits until it is loaded.
    pub(crate) fn open(&mut self, file: &Path) {
        self.events.clear();
        let url = format!("file://{}", file.display());
        let opened = self.call("Page.navigate", json!({"url": url}));
        assert_eq!(opened["errorText"], Value::Null, "{url}");
        self.wait_for("Page.loadEventFired");
    }

    /// The value of an expression of JavaScript; a promise is waited for.
    #[track_caller]
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let words = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut done = self.call("Runtime.evaluate", words);
        assert_eq!(done["exceptionDetails"], Value::Null, "{expression}");
        done["result"]["value"].take()
    }

    /// Presses and releases a key.
    pub(crate) fn press(&mut self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let words =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", words);
        }
    }

    /// Types text where the focus is.
    pub(crate) fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Gives the page a width in CSS pixels, and the height of a desktop's window.
    pub(crate) fn set_width(&mut self, width: u32) {
        self.set_size(width, 900);
    }

    /// Gives the page a size in CSS pixels.
    pub(crate) fn set_size(&mut self, width: u32, height: u32) {
        let words =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", words);
    }

    /// How many CSS pixels the page is wider than its window.
    pub(crate) fn overflow(&mut self) -> Value {
        let root = "document.documentElement";
        self.evaluate(&format!("{root}.scrollWidth - {root}.clientWidth"))
    }

    /// Shows the page on a medium (`screen`, `print`), and in a scheme of colours (`light`, `dark`).
    pub(crate) fn set_media(&mut self, medium: &str, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        let words = json!({"media": medium, "features": features});
        self.call("Emulation.setEmulatedMedia", words);
    }

    /// What a screen reader is told: the role and the name of each node.
    pub(crate) fn accessible(&mut self) -> Vec<(String, String)> {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        let nodes = tree["nodes"].as_array().expect("nodes").iter();
        let word = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        nodes
            .filter(|node| node["ignored"] == false)
            .map(|node| (word(&node["role"]), word(&node["name"])))
            .collect()
    }

    /// The events of a method since the page was opened.
    pub(crate) fn events(&mut self, method: &str) -> Vec<Value> {
        // An answer comes after the events before it.
        self.evaluate("0");
        let events = self.events.iter().filter(|event| event["method"] == method);
        events.map(|event| event["params"].clone()).collect()
    }

    #[track_caller]
    fn call(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let mut message = json!({"id": self.last_id, "method": method, "params": params});
        if !self.session.is_null() {
            message["sessionId"] = self.session.clone();
        }
        write!(self.commands, "{message}\0").expect("Chromium listens");
        loop {
            let mut answer = self.next();
            if answer["id"] == self.last_id {
                assert_eq!(answer["error"], Value::Null, "{method}");
                return answer["result"].take();
            }
            self.events.push_back(answer);
        }
    }

    fn wait_for(&mut self, method: &str) {
        while !self.events.iter().any(|event| event["method"] == method) {
            let event = self.next();
            self.events.push_back(event);
        }
    }

    fn next(&mut self) -> Value {
        let mut message = Vec::new();
        let read = self.messages.read_until(0, &mut message);
        assert!(read.expect("a message") > 0, "Chromium has ended");
        message.pop();
        serde_json::from_slice(&message).expect("JSON")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Best effort: it may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
