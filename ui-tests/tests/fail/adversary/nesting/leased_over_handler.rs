// Both attributes, the leased one above, with a lease in a leased function.
use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[leased]
#[handler]
async fn copy(_conn: &mut Conn<Sqlite>, to: &mut Session<Sqlite>) -> Result<(), Error> {
    to.lease(async |_conn| Ok(())).await
}

fn main() {
    let _ = copy;
}
