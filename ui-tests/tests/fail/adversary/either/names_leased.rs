use shortlease::{EitherCall, Sqlite};
use sqlx::SqliteConnection;

fn takes<F: shortlease::DbFuture>(_: F) {}

fn main() {
    fn raw<F>(call: EitherCall<SqliteConnection, F>)
    where
        F: Future<Output = i64>,
    {
        takes(call);
    }
    let _ = raw::<std::future::Ready<i64>>;
    let _ = std::any::type_name::<Sqlite>();
}
