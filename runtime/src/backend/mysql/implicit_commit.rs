/// The first words of statements that never commit the transaction around them.
const KEEP_TRANSACTION: [&str; 14] = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "TABLE", "DO", "SHOW",
    "EXPLAIN", "DESCRIBE", "SAVEPOINT", "RELEASE",
];

/// Returns `true` unless a text is one statement that never commits the transaction around it. A procedure may do
/// anything.
pub(super) fn may_commit(text: &str) -> bool {
    let text = after_comments(text);
    let word = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let keeps = KEEP_TRANSACTION.iter().any(|known| known.eq_ignore_ascii_case(word));
    let is_one = !text.trim_end_matches(|c: char| c.is_whitespace() || c == ';').contains(';');
    !(keeps && is_one)
}

/// Skips comments in front of a statement, and parentheses around it. The server executes what stands in `/*! */`.
fn after_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        let executed = text.starts_with("/*!") || text.starts_with("/*M!");
        let end = match text {
            _ if text.starts_with("/*") && !executed => "*/",
            _ if text.starts_with("--") || text.starts_with('#') => "\n",
            _ => return text,
        };
        text = text.split_once(end).map_or("", |(_, rest)| rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_on_rows_keeps_its_transaction() {
        for text in [
            "SELECT 1",
            "  insert INTO notes VALUES (1);\n",
            "(SELECT 1) UNION (SELECT 2)",
            "-- the first; of several lines\n# another\n/* a trace */ UPDATE notes SET n = 2",
            "VALUES(1)",
            "select*from notes",
        ] {
            assert!(!may_commit(text), "{text}");
        }
    }

    #[test]
    fn other_statements_may_commit() {
        for text in [
            "CREATE TABLE notes (n INT)",
            "BEGIN",
            "CALL pay()",
            "SET autocommit = 1",
            "ROLLBACK",
            "INSERT INTO notes VALUES (1); CREATE TABLE other (n INT)",
            "/*!50000 CREATE */ TABLE other (n INT)",
            "/*M! DROP TABLE notes */",
            "/* not closed",
            "selected",
            "",
        ] {
            assert!(may_commit(text), "{text}");
        }
    }
}
