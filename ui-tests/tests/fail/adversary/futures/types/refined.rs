// A trait that promises a database future, and an implementation that gives another.
use shortlease::{DbFuture};
use shortlease_ui_tests::remote;

trait Asks {
    fn ask(&self) -> impl DbFuture<Output = String>;
}

struct Tool;

impl Asks for Tool {
    fn ask(&self) -> impl Future<Output = String> {
        remote()
    }
}

fn main() {}
