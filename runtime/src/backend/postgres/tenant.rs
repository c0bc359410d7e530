use crate::Error;

/// The bytes of PostgreSQL's longest name. It cuts longer ones without a word: two tenants could become one.
pub(crate) const LONGEST_NAME: usize = 63;

/// The name of a tenant as the one schema of a search path.
pub(super) fn quote(tenant: &str) -> Result<String, Error> {
    let refused = |reason: &str| Err(Error::setting("tenant", reason));
    match tenant {
        "" => refused("is empty; name the tenant's schema"),
        // Means the user's own schema, quoted or not.
        "$user" => refused("is `$user`, which a search path does not take as a name"),
        _ if tenant.len() > LONGEST_NAME => {
            refused("is longer than 63 bytes, which PostgreSQL cuts; use a shorter schema name")
        }
        _ if tenant.contains('\0') => refused("contains a zero byte; name the tenant's schema"),
        _ if tenant.starts_with("pg_") => {
            refused("starts with `pg_`, which PostgreSQL keeps for itself")
        }
        _ => Ok(format!("\"{}\"", tenant.replace('"', "\"\""))),
    }
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn names_are_quoted() {
        for (name, quoted) in [
            ("acme", r#""acme""#),
            ("Acme, Inc.", r#""Acme, Inc.""#),
            (r#"a"; DROP TABLE t; --"#, r#""a""; DROP TABLE t; --""#),
            ("a', 'b", r#""a', 'b""#),
            (r"back\slash", r#""back\slash""#),
        ] {
            assert_eq!(quote(name).unwrap(), quoted);
        }
    }

    #[test]
    fn names_that_mean_something_else_are_refused() {
        let long = "x".repeat(64);
        for name in ["", "$user", "pg_temp", "pg_catalog", "a\0b", long.as_str()] {
            quote(name).unwrap_err();
        }
    }
}
