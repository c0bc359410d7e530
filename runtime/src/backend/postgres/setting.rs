use crate::Error;

/// Writes the statement that sets one setting for the rest of a transaction, behind others. `SET LOCAL` would take a
/// value with commas for one name.
pub(super) fn set_local(name: &str, value: &str) -> Result<String, Error> {
    let refused = |reason: String| Err(Error::setting("setting", reason));
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
    };
    if !name.split('.').all(is_name) {
        return refused(format!("has the name {name:?}; write one such as `app.user_id`"));
    }
    if value.contains('\0') {
        return refused(format!("`{name}` has a value with a zero byte"));
    }
    // In this form a backslash means the same whatever `standard_conforming_strings` says.
    let value = value.replace('\\', r"\\").replace('\'', "''");
    Ok(format!("; SELECT set_config('{name}', E'{value}', true)"))
}

#[cfg(test)]
mod tests {
    use super::set_local;

    #[test]
    fn values_are_quoted() {
        for (value, quoted) in [
            ("7", "; SELECT set_config('app.user', E'7', true)"),
            ("o'neil", "; SELECT set_config('app.user', E'o''neil', true)"),
            (
                r"'; DROP TABLE t; --",
                "; SELECT set_config('app.user', E'''; DROP TABLE t; --', true)",
            ),
            (r"\'", r"; SELECT set_config('app.user', E'\\''', true)"),
            ("", "; SELECT set_config('app.user', E'', true)"),
        ] {
            assert_eq!(set_local("app.user", value).unwrap(), quoted);
        }
    }

    #[test]
    fn other_names_are_refused() {
        for name in ["", "app.", ".user", "a b", "a;b", "app.\"user\"", "1.a", "ä"] {
            set_local(name, "7").unwrap_err();
        }
        set_local("app.user", "a\0b").unwrap_err();
    }
}
