// The attribute's word, given by another name.
use shortlease::Checked;

pub fn word() -> Checked {
    unreachable!()
}

fn main() {}
