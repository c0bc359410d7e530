//! The attributes of shortlease: syntax only.
