//! Rules for the source of the crates themselves.

mod doc_comments;
mod files;
mod imports;
mod manifest;
