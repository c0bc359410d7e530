// A `bail!` that does not leave, in a function that returns nothing.

#![allow(unreachable_code)]

use shortlease::{Conn, Sqlite, leased};

macro_rules! bail {
    ($text:expr) => {
        println!("{}", $text)
    };
}

#[leased]
async fn add(_conn: &mut Conn<Sqlite>, count: &mut i64) {
    *count += 1;
    bail!("goes on");
    *count += 1;
}

fn main() {}
