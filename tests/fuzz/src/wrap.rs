//! Arbitrary texts as the items of a ResourceList.

/// The documents of a text, as its lines alone tell.
pub fn documents(text: &str) -> Vec<&str> {
    text.split("---\n").collect()
}

/// A ResourceList of documents; `shape` says how it is written.
pub fn list(documents: &[&str], config: Option<&str>, shape: usize) -> String {
    let (dash, pad) = [
        ("- ", "  "),
        ("  - ", "    "),
        ("-   ", "    "),
        ("-\n  ", "  "),
    ][shape % 4];
    let mut text = String::from(["", "# c\n", "---\n", "\u{feff}"][shape / 4 % 4]);
    text.push_str("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n");
    let config = config.map_or_else(String::new, |config| {
        format!("functionConfig:\n{}\n", indented(config, "  ", "  "))
    });
    let is_first = (shape / 16).is_multiple_of(2);
    if is_first {
        text.push_str(&config);
    }
    text.push_str("items:\n");
    for document in documents {
        text.push_str(&indented(document, dash, pad));
        text.push('\n');
    }
    if !is_first {
        text.push_str(&config);
    }
    if (shape / 32) % 2 == 1 {
        text.push_str("results:\n- message: old\n  severity: info\n");
    }
    if (shape / 64) % 2 == 1 {
        text = text.replace('\n', "\r\n");
    }
    text
}

fn indented(text: &str, first: &str, pad: &str) -> String {
    let lines: Vec<&str> = text.trim_matches('\n').split('\n').collect();
    format!("{first}{}", lines.join(&format!("\n{pad}")))
}
