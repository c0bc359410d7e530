// A `DbCall` built by hand around any future.
use shortlease::DbCall;
use shortlease_ui_tests::remote;

pub fn launder() -> DbCall<impl Future<Output = String>> {
    DbCall { future: remote() }
}

fn main() {}
