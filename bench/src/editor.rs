//! Asks rust-analyzer for completions, types, definitions and renames in the example `first`.

mod server;

use std::path::Path;
use std::{env, fmt, fs};

use serde_json::{Value, json};

use crate::table;
use server::Server;

/// rust-analyzer does not run, does not answer, or ends.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The program that is looked at.
const PROGRAM: &str = include_str!("../../runtime/examples/first.rs");

/// Stands for the cursor.
const CURSOR: char = '¦';

/// A question about a place of the program, and the answer.
struct Question {
    asked: Asked,
    /// The code that gives way to the code with the cursor, as if someone were typing that.
    instead_of: &'static str,
    at: &'static str,
    /// Words of the answer, or the places that are all of it.
    expected: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Asked {
    Completion,
    Hover,
    Definition,
    Rename,
}

const fn question(asked: Asked, at: &'static str, expected: &'static [&'static str]) -> Question {
    Question { asked, instead_of: "", at, expected }
}

const fn typing(
    instead_of: &'static str,
    at: &'static str,
    expected: &'static [&'static str],
) -> Question {
    Question { asked: Asked::Completion, instead_of, at, expected }
}

const QUESTIONS: [Question; 14] = [
    typing("load_url(conn, id).await)", "{ conn.¦ })", &["execute", "fetch_one", "unchecked"]),
    typing("load_url(conn, id).await)", "{ load_¦ })", &["load_url"]),
    typing("(&output).execute(tx).await", "(&output).¦", &["bind", "execute", "fetch_one"]),
    typing("ask_backend(&url).await;", "url.¦;", &["len", "to_uppercase"]),
    typing("db.lease(async", "db.¦(async", &["lease", "transaction", "fetch_one"]),
    question(Asked::Hover, "let ¦url", &["let url: String"]),
    question(Asked::Hover, "load_url(¦conn, id)", &["let conn: &mut Conn<Sqlite>"]),
    question(Asked::Hover, "async |¦tx|", &["let tx: &mut Tx<Sqlite>"]),
    question(Asked::Hover, "db.¦lease(", &["Opens a lease"]),
    question(Asked::Hover, ".¦execute(tx)", &["on the leased connection"]),
    question(Asked::Definition, "¦load_url(conn, id)", &["async fn ¦load_url"]),
    question(Asked::Definition, ".bind(¦id).bind(&output)", &["Session<Sqlite>, ¦id"]),
    question(
        Asked::Rename,
        "¦output = ask_backend",
        &["¦output = ask_backend", "bind(&¦output)", "Ok(¦output)"],
    ),
    question(Asked::Rename, "async |¦conn|", &["async |¦conn|", "load_url(¦conn, id)"]),
];

impl Asked {
    fn name(self) -> &'static str {
        match self {
            Asked::Completion => "completion",
            Asked::Hover => "hover",
            Asked::Definition => "definition",
            Asked::Rename => "rename",
        }
    }
}

/// The answers.
#[derive(Debug)]
pub struct Report {
    version: String,
    answers: Vec<Answer>,
}

#[derive(Debug)]
struct Answer {
    asked: &'static str,
    at: &'static str,
    expected: String,
    /// The whole answer, if it is another one.
    wrong: Option<String>,
}

/// Asks everything.
///
/// # Errors
///
/// rust-analyzer cannot be started, does not answer in time, or ends.
pub fn run() -> Result<Report, Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("bench is in a workspace");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let package = target.join("editor");
    fs::create_dir_all(package.join("src"))?;
    let manifest = include_str!("../templates/editor.toml")
        .replace("{shortlease}", &root.join("runtime").display().to_string());
    fs::write(package.join("Cargo.toml"), manifest)?;
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock"))?;
    fs::write(package.join("src/main.rs"), PROGRAM)?;
    let mut server = Server::start(&package, "src/main.rs", PROGRAM)?;
    let found = server.diagnostics()?;
    let mut answers = vec![Answer {
        asked: "diagnostics",
        at: "the whole program",
        expected: "none".to_owned(),
        wrong: (found != json!([])).then(|| found.to_string()),
    }];
    for question in &QUESTIONS {
        answers.push(question.ask(&mut server)?);
    }
    Ok(Report { version: server.version().to_owned(), answers })
}

impl Question {
    fn ask(&self, server: &mut Server) -> Result<Answer, Error> {
        let program = self.program();
        server.write(&program)?;
        let cursor = place(&program, self.at);
        let wrong = match self.asked {
            Asked::Completion => {
                let labels = labels(&server.completion(cursor)?);
                let hidden = labels.contains(" __").then(|| labels.clone());
                hidden.or_else(|| missing(self.expected, &labels))
            }
            Asked::Hover => missing(self.expected, &server.hover(cursor)?.to_string()),
            Asked::Definition => self.others(&program, server.definition(cursor)?),
            Asked::Rename => self.others(&program, server.rename(cursor, "renamed")?),
        };
        let expected = self.expected.join("  ");
        Ok(Answer { asked: self.asked.name(), at: self.at, expected, wrong })
    }

    /// The program, with the code that someone is typing.
    fn program(&self) -> String {
        match self.instead_of {
            "" => PROGRAM.to_owned(),
            other => PROGRAM.replacen(other, &self.at.replace(CURSOR, ""), 1),
        }
    }

    /// The places, if they are not those that are expected.
    fn others(&self, program: &str, mut places: Vec<(u64, u64)>) -> Option<String> {
        let mut expected: Vec<_> = self.expected.iter().map(|code| place(program, code)).collect();
        expected.sort_unstable();
        places.sort_unstable();
        (places != expected).then(|| format!("{places:?}"))
    }
}

/// The line and the column of the cursor in some code of the program.
fn place(program: &str, code: &str) -> (u64, u64) {
    let (before, _) = code.split_once(CURSOR).expect("a cursor");
    let start = program.find(&code.replace(CURSOR, "")).expect("code of the program");
    let before = &program[..start + before.len()];
    let line = before.matches('\n').count();
    let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);
    (line as u64, column as u64)
}

/// The names that are offered. Those with two underscores are for the attributes alone.
fn labels(items: &Value) -> String {
    let items = items.as_array().into_iter().flatten();
    let labels = items.filter_map(|item| item["label"].as_str());
    labels.map(|label| format!(" {label} ")).collect()
}

/// The answer, if it lacks a word.
fn missing(expected: &[&str], answer: &str) -> Option<String> {
    let complete = expected.iter().all(|word| answer.contains(word));
    (!complete).then(|| answer.to_owned())
}

impl Report {
    /// Tells whether all answers are those that are expected.
    pub fn is_right(&self) -> bool {
        self.answers.iter().all(|answer| answer.wrong.is_none())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = table::new(["asked", "at", "answer"]);
        for Answer { asked, at, expected, wrong } in &self.answers {
            let answer = match wrong {
                None => expected.clone(),
                Some(wrong) => format!("WRONG: {wrong}"),
            };
            table.add_row([(*asked).to_owned(), (*at).to_owned(), answer]);
        }
        table::left(&mut table, 1);
        table::left(&mut table, 2);
        writeln!(f, "{}", table.trim_fmt())?;
        write!(f, "{}; `{CURSOR}` is the cursor.", self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_about_the_program() {
        for question in &QUESTIONS {
            assert!(PROGRAM.contains(question.instead_of), "{}", question.instead_of);
            place(&question.program(), question.at);
            if let Asked::Definition | Asked::Rename = question.asked {
                for code in question.expected {
                    place(PROGRAM, code);
                }
            }
        }
    }
}
