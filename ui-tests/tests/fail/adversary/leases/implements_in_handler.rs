// A body of mine that claims to have been checked.
use shortlease::handler::InHandler;

pub struct Body;
impl InHandler for Body {}

fn main() {}
