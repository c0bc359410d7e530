use shortlease::handler;

#[handler]
pub struct Tools;

fn main() {}
