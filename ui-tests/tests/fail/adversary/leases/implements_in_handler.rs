// A body of mine that claims to have been checked.
use shortlease::session::InHandler;

pub struct Body;
impl InHandler for Body {}

fn main() {}
