// A `DbCall` from its constructor.
use shortlease::DbCall;
use shortlease_ui_tests::remote;

pub fn launder() -> DbCall<impl Future<Output = String>> {
    DbCall::new(remote())
}

fn main() {}
