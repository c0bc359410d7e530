// The connection returned as the error.
use shortlease::{Conn, Error, Session, Sqlite, handler};

pub struct Kept<'a>(pub Option<&'a mut Conn<Sqlite>>);
impl From<Error> for Kept<'_> {
    fn from(_: Error) -> Self {
        Kept(None)
    }
}

#[handler]
pub async fn call_tool<'a>(db: &'a mut Session<Sqlite>) -> Result<(), Kept<'a>> {
    db.lease(async |conn| Err(Kept(Some(conn)))).await
}

fn main() {}
