//! States as JUnit XML: each image is a test case, which fails where its mirror is wrong.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::{help, sentence};
use crate::mirror::state::{State, Status};
use crate::quote::piece;

/// The report as XML.
///
/// # Errors
/// It cannot be written.
pub fn report(statuses: &[Status]) -> Result<String, SerializeError> {
    let mut xml = Report::new("restore-images mirror status");
    let mut suite = TestSuite::new("mirrors");
    for status in statuses {
        let mut case = TestCase::new(piece(&status.reference()), outcome(status));
        case.set_classname("mirrors");
        if !status.is_error && status.state == State::Behind {
            case.set_system_out(piece(&sentence(status)));
        }
        suite.add_test_case(case);
    }
    xml.add_test_suite(suite);
    xml.to_string()
}

fn outcome(status: &Status) -> TestCaseStatus {
    let kind = match (status.state, status.is_error) {
        (State::Unknown, _) => NonSuccessKind::Error,
        (_, true) => NonSuccessKind::Failure,
        (_, false) => return TestCaseStatus::success(),
    };
    let mut outcome = TestCaseStatus::non_success(kind);
    outcome.set_type(status.state.as_str());
    outcome.set_message(piece(&sentence(status)));
    outcome.set_description(help(status).unwrap_or_default());
    outcome
}
