//! Crates that are checked by a child process, aside from the workspace: its members hold to other
//! rules.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A crate of this folder, copied to where its lock file and its output disturb nobody.
#[derive(Debug)]
pub struct Aside {
    folder: PathBuf,
    target: PathBuf,
}

/// A lint's word: the file it stands in, the line, and the first line of the text.
pub type Said = (String, usize, String);

impl Aside {
    /// Copies the crate; `scratch` is a folder in the target directory.
    pub fn copy(name: &str, scratch: &str) -> Self {
        Self::copy_as(name, name, scratch)
    }

    /// As [`copy`](Aside::copy), under another name.
    pub fn copy_as(name: &str, other: &str, scratch: &str) -> Self {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let scratch = Path::new(scratch);
        let folder = scratch.join(other);
        // Whole, so that a renamed file leaves nothing behind.
        let _ = fs::remove_dir_all(&folder);
        copy(&home.join(name), &folder);
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("a manifest");
        let runtime = home.parent().expect("a workspace").join("runtime");
        let text = text.replace("../../runtime", &runtime.display().to_string());
        fs::write(manifest, text).expect("a manifest can be written");
        fs::copy(home.join("../Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
        let target = scratch.parent().expect("a target directory").to_owned();
        Aside { folder, target }
    }

    /// Runs `cargo <words>` on it and returns what it says about the crate itself.
    ///
    /// # Panics
    ///
    /// Where the crate does not compile, or the configuration is complained about.
    pub fn cargo(&self, words: &[&str], envs: &[(&str, &str)]) -> Vec<Said> {
        let output = self.run(words, envs);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}\n{}", String::from_utf8_lossy(&output.stdout));
        self.messages(output).iter().filter_map(said).collect()
    }

    /// Adds text to one of its files, which may be a new one.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn append(&self, file: &str, text: &str) {
        let mut file = fs::File::options().create(true).append(true).open(self.folder.join(file));
        let written = file.as_mut().map(|file| file.write_all(text.as_bytes()));
        written.expect("a file can be opened").expect("a file can be written");
    }

    /// Runs `cargo <words>` on it and returns the errors.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn errors(&self, words: &[&str]) -> Vec<Said> {
        let output = self.run(words, &[]);
        assert!(!output.status.success(), "the crate compiles");
        let messages = self.messages(output);
        messages.iter().filter(|message| message["level"] == "error").filter_map(said).collect()
    }

    fn run(&self, words: &[&str], envs: &[(&str, &str)]) -> Output {
        Command::new(env!("CARGO"))
            .args(words)
            .args(["--offline", "--message-format=json"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("RUSTFLAGS")
            .envs(envs.iter().copied())
            .output()
            .expect("cargo runs")
    }

    /// What rustc says about the crate itself.
    fn messages(&self, output: Output) -> Vec<Value> {
        let stdout = String::from_utf8(output.stdout).expect("JSON");
        let messages =
            stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let manifest = self.folder.join("Cargo.toml");
        let of_the_crate = |message: &Value| {
            message["reason"] == "compiler-message"
                && message["manifest_path"].as_str().map(Path::new) == Some(&manifest)
        };
        messages.filter(of_the_crate).map(|message| message["message"].clone()).collect()
    }
}

/// Where a message points to: its primary span.
fn said(message: &Value) -> Option<Said> {
    let text = message["message"].as_str()?.to_owned();
    let spans = message["spans"].as_array()?;
    // A summary of the count has none.
    let span = spans.iter().find(|span| span["is_primary"] == true)?;
    let file = span["file_name"].as_str()?.to_owned();
    let line = usize::try_from(span["line_start"].as_u64()?).ok()?;
    Some((file, line, text))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a file can be copied");
        }
    }
}
