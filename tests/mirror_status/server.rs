//! A registry on loopback that is as wrong as a test wants it: what it holds is in memory, and rules
//! answer before it does.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A request, as far as rules look at it.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) authorization: Option<String>,
    pub(super) proxy_authorization: Option<String>,
}

/// What is answered.
#[derive(Clone, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// How long nothing comes.
    pub(super) silent: Duration,
    /// How long the body takes, byte by byte.
    pub(super) slow: bool,
    /// Whether the connection ends without an answer.
    pub(super) breaks: bool,
}

/// No answer, and the connection ends.
pub(super) fn broken() -> Reply {
    Reply {
        breaks: true,
        ..Reply::default()
    }
}

pub(super) fn reply(status: u16) -> Reply {
    Reply {
        status,
        ..Reply::default()
    }
}

impl Reply {
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

type Rule = Box<dyn Fn(&Request) -> Option<Reply> + Send>;

#[derive(Default)]
struct Store {
    /// Manifests by path: `acme/agent/manifests/latest`.
    held: HashMap<String, Vec<u8>>,
    rules: Vec<Rule>,
    log: Vec<String>,
}

/// The registry. Its thread ends with the process.
pub(super) struct Registry {
    pub(super) host: String,
    store: Arc<Mutex<Store>>,
}

impl Registry {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let store = Arc::new(Mutex::new(Store::default()));
        let shared = Arc::clone(&store);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Registry { host, store }
    }

    /// Lets a rule answer what it answers, before all older rules.
    pub(super) fn rule(&self, rule: impl Fn(&Request) -> Option<Reply> + Send + 'static) {
        self.store().rules.insert(0, Box::new(rule));
    }

    /// Answers every request whose path ends so by one reply.
    pub(super) fn always(&self, end: &str, reply: Reply) {
        let end = end.to_owned();
        self.rule(move |request| request.path.ends_with(&end).then(|| reply.clone()));
    }

    pub(super) fn hold(&self, path: &str, bytes: &[u8]) {
        self.store().held.insert(path.to_owned(), bytes.to_vec());
    }

    pub(super) fn forget(&self, path: &str) {
        self.store().held.remove(path).expect("it was held");
    }

    /// The requests so far, as `GET acme/agent/manifests/latest`.
    pub(super) fn log(&self) -> Vec<String> {
        self.store().log.clone()
    }

    /// Holds an image under a tag of a repository, all of its platforms or some.
    pub(super) fn push(&self, repository: &str, tag: &str, image: &Image) {
        for (digest, bytes) in &image.manifests {
            self.hold(&format!("{repository}/manifests/{digest}"), bytes);
        }
        for (digest, bytes) in &image.configs {
            self.hold(&format!("{repository}/blobs/{digest}"), bytes);
        }
        let bytes = &image.manifests[&image.digest];
        self.hold(&format!("{repository}/manifests/{tag}"), bytes);
    }

    fn store(&self) -> std::sync::MutexGuard<'_, Store> {
        self.store.lock().expect("no panic")
    }
}

fn serve(stream: TcpStream, store: &Mutex<Store>) {
    let mut out = stream.try_clone().expect("a stream");
    let mut lines = BufReader::new(stream);
    loop {
        let Some(request) = read(&mut lines) else {
            // What speaks TLS is told that this is HTTP.
            let _ = out.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            return;
        };
        let head = request.method == "HEAD";
        let reply = answer(&request, store);
        thread::sleep(reply.silent);
        if reply.breaks {
            return;
        }
        let mut text = format!("HTTP/1.1 {} Word\r\n", reply.status);
        for (name, value) in &reply.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n", reply.body.len()));
        let mut bytes = text.into_bytes();
        if !head && !reply.slow {
            bytes.extend(&reply.body);
        }
        if out.write_all(&bytes).is_err() {
            return;
        }
        if !head && reply.slow {
            for byte in &reply.body {
                thread::sleep(Duration::from_millis(50));
                if out.write_all(&[*byte]).is_err() {
                    return;
                }
            }
        }
    }
}

fn read(lines: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    lines.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut authorization, mut proxy_authorization, mut length) = (None, None, 0);
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ")?;
        match &*name.to_ascii_lowercase() {
            "authorization" => authorization = Some(value.to_owned()),
            "proxy-authorization" => proxy_authorization = Some(value.to_owned()),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    std::io::Read::read_exact(lines, &mut body).ok()?;
    Some(Request {
        method,
        path,
        authorization,
        proxy_authorization,
    })
}

fn answer(request: &Request, store: &Mutex<Store>) -> Reply {
    let mut store = store.lock().expect("no panic");
    let path = request.path.strip_prefix("/v2/").unwrap_or(&request.path);
    store.log.push(format!("{} {path}", request.method));
    if let Some(reply) = store.rules.iter().find_map(|rule| rule(request)) {
        return reply;
    }
    match store.held.get(path) {
        Some(bytes) => reply(200)
            .header("Docker-Content-Digest", digest_of(bytes))
            .body(bytes.clone()),
        None => reply(404).body(r#"{"errors": [{"code": "MANIFEST_UNKNOWN"}]}"#),
    }
}

pub(super) fn digest_of(bytes: &[u8]) -> String {
    let digest = digest(&SHA256, bytes);
    let hex = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
    format!("sha256:{}", hex.collect::<String>())
}

/// An image of several platforms, made from nothing.
pub(super) struct Image {
    /// The digest of its list.
    pub(super) digest: String,
    /// Its list and manifests, by digest.
    pub(super) manifests: HashMap<String, Vec<u8>>,
    configs: HashMap<String, Vec<u8>>,
    /// The entries of its list.
    pub(super) entries: Vec<Value>,
}

impl Image {
    /// An image for these architectures, made at a moment; its layers hold these words.
    pub(super) fn new(words: &str, created: Option<&str>, architectures: &[&str]) -> Self {
        let (mut manifests, mut configs) = (HashMap::new(), HashMap::new());
        let entry = |architecture: &&str| {
            let mut config = json!({"os": "linux", "architecture": architecture, "words": words});
            if let Some(created) = created {
                config["created"] = json!(created);
            }
            let config = config.to_string().into_bytes();
            let manifest = json!({
                "schemaVersion": 2, "mediaType": MANIFEST,
                "config": {"digest": digest_of(&config), "size": config.len()}, "layers": [],
            });
            let manifest = manifest.to_string().into_bytes();
            let entry = json!({
                "mediaType": MANIFEST, "digest": digest_of(&manifest), "size": manifest.len(),
                "platform": {"os": "linux", "architecture": architecture},
            });
            configs.insert(digest_of(&config), config);
            manifests.insert(digest_of(&manifest), manifest);
            entry
        };
        let entries: Vec<Value> = architectures.iter().map(entry).collect();
        Image {
            digest: String::new(),
            manifests,
            configs,
            entries: entries.clone(),
        }
        .listing(&entries)
    }

    /// Holds another image's manifests and configurations as well.
    pub(super) fn hold(&mut self, other: &Image) {
        self.manifests.extend(other.manifests.clone());
        self.configs.extend(other.configs.clone());
    }

    /// The same images under another list.
    pub(super) fn listing(mut self, entries: &[Value]) -> Self {
        let list = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
        let list = list.to_string().into_bytes();
        self.digest = digest_of(&list);
        self.manifests.insert(self.digest.clone(), list);
        self
    }
}
