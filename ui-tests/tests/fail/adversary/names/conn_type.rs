// A type called `Conn`, so that the attribute takes the function for a leased one.
use shortlease::leased;
use shortlease_ui_tests::remote;

pub struct Conn;

#[leased]
pub async fn load(_conn: &mut Conn) -> String {
    remote().await
}

fn main() {}
