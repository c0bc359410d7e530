// A body of mine that claims to have been checked, and waits.
use shortlease::{Conn, DbFuture, Error, LeasedFn, Sqlite};
use shortlease_ui_tests::remote;

struct Waits;

impl LeasedFn<Conn<Sqlite>, Result<(), Error>> for Waits {
    fn call(self, _: &mut Conn<Sqlite>) -> impl DbFuture<Output = Result<(), Error>> {
        async {
            remote().await;
            Ok(())
        }
    }
}

fn main() {}
