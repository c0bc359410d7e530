// Two connections swapped between two leases.
use shortlease::{Conn, Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(a: &mut Session<Sqlite>, b: &mut Session<Sqlite>) -> Result<(), Error> {
    let mut kept: Option<&mut Conn<Sqlite>> = None;
    a.lease(async |conn| Ok(kept = Some(conn))).await?;
    b.lease(async |conn| Ok(std::mem::swap(conn, kept.unwrap()))).await
}

fn main() {}
