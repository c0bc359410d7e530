/// The first words of statements that never commit the transaction around them.
const KEEP_TRANSACTION: [&str; 17] = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "TABLE", "DO", "SHOW",
    "EXPLAIN", "DESCRIBE", "DESC", "CHECKSUM", "USE", "SAVEPOINT", "RELEASE",
];

/// Returns `true` unless a text is one statement that never commits the transaction around it. A procedure may do
/// anything.
pub(super) fn may_commit(text: &str) -> bool {
    let text = after_comments(text);
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || c == ';');
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let keeps = match word.eq_ignore_ascii_case("SET") {
        true => sets_one_variable(rest),
        false => KEEP_TRANSACTION.iter().any(|known| known.eq_ignore_ascii_case(word)),
    };
    !keeps || has_outside_quotes(text, ';')
}

/// Returns `true` for the rest of a `SET` of one variable of the user. Those of the server may commit: `autocommit` does.
fn sets_one_variable(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.starts_with('@') && !rest.starts_with("@@") && !has_outside_quotes(rest, ',')
}

/// Returns `true` if a sign stands in a text outside of quotes and comments, or may do so.
fn has_outside_quotes(mut text: &str, sign: char) -> bool {
    if !text.contains(sign) {
        return false;
    }
    // The server's `sql_mode` says if it escapes a quote.
    if text.contains('\\') {
        return true;
    }
    while let Some(at) = text.find([sign, '\'', '"', '`', '#', '-', '/']) {
        text = &text[at..];
        let length = match text.chars().next() {
            Some(first) if first == sign => return true,
            Some(quote @ ('\'' | '"' | '`')) => {
                text[1..].find(quote).map_or(text.len(), |end| end + 2)
            }
            _ => length_of_comment(text).max(1),
        };
        text = &text[length..];
    }
    false
}

/// Skips comments in front of a statement, and parentheses around it.
fn after_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        match length_of_comment(text) {
            0 => return text,
            length => text = &text[length..],
        }
    }
}

/// Returns the length of the comment that a text begins with, and 0 if it begins with none. The server executes what
/// stands in `/*! */`.
fn length_of_comment(text: &str) -> usize {
    let executed = text.starts_with("/*!") || text.starts_with("/*M!");
    // `5--1` is 6.
    let dashes = text.starts_with("--") && text.as_bytes().get(2).is_none_or(|next| *next <= b' ');
    let end = match text {
        _ if text.starts_with("/*") && !executed => text[2..].find("*/").map(|end| end + 4),
        _ if text.starts_with('#') || dashes => text.find('\n').map(|end| end + 1),
        _ => return 0,
    };
    end.unwrap_or(text.len())
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
            "INSERT INTO notes VALUES ('a;b', \"c;d\", 'it''s; so') -- one; two\n /* three; */ # four;",
            "UPDATE `a;b` SET n = 5--1;",
            "SET @n = 1",
            "set  @n := 'a, b;'",
            "DESC notes",
            "CHECKSUM TABLE notes",
            "USE other",
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
            "INSERT INTO notes VALUES ('a\\'); CREATE TABLE other (n INT) -- '",
            "SELECT 5--1; CREATE TABLE other (n INT)",
            "SELECT 1 /*! ; CREATE TABLE other (n INT) */",
            "SET @n = 1, autocommit = 1",
            "SET @@autocommit = 1",
            "SET STATEMENT max_statement_time = 1 FOR CREATE TABLE other (n INT)",
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
