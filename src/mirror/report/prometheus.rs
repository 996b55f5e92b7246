//! States as metrics in Prometheus' text format, for a textfile collector or a Pushgateway.

use crate::mirror::state::{State, Status};

/// The metrics.
pub fn report(statuses: &[Status]) -> String {
    let mut out = String::from(
        "# HELP restore_images_mirror_state Whether the mirror's copy of an image is in this state.\n\
         # TYPE restore_images_mirror_state gauge\n",
    );
    for status in statuses {
        for state in State::ALL {
            let value = u8::from(status.state == state);
            let (labels, state) = (labels(status), state.as_str());
            out.push_str(&format!(
                "restore_images_mirror_state{{{labels},state=\"{state}\"}} {value}\n"
            ));
        }
    }
    out.push_str(
        "# HELP restore_images_mirror_error Whether the mirror's copy has been wrong for longer than is allowed.\n\
         # TYPE restore_images_mirror_error gauge\n",
    );
    for status in statuses {
        let value = u8::from(status.is_error);
        out.push_str(&format!(
            "restore_images_mirror_error{{{}}} {value}\n",
            labels(status)
        ));
    }
    out.push_str(
        "# HELP restore_images_mirror_behind_seconds By how much the mirror's copy is older than the vendor's image.\n\
         # TYPE restore_images_mirror_behind_seconds gauge\n",
    );
    for status in statuses {
        let age = match status.state {
            State::Current => Some(0),
            _ => status.behind_by(),
        };
        if let Some(age) = age {
            out.push_str(&format!(
                "restore_images_mirror_behind_seconds{{{}}} {age}\n",
                labels(status)
            ));
        }
    }
    out
}

/// The labels of an image. A reference has no quote, backslash or line end that would need escaping.
fn labels(status: &Status) -> String {
    let image = &status.image;
    format!(
        "official=\"{}\",mirror=\"{}\",version=\"{}\"",
        image.official,
        image.mirror,
        status.version()
    )
}
