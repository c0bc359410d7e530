use shortlease::{Session, Sqlite, handler};

pub trait Tool {
    #[handler]
    fn call(&self, db: &mut Session<Sqlite>) -> impl Future<Output = i64>;
}

fn main() {}
