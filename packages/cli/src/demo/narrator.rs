//! Tells the story on standard error, with the time since it began, so that standard output holds the summary alone.

use std::fmt::Display;
use std::time::Instant;

pub struct Narrator {
    began: Instant,
    quiet: bool,
}

impl Narrator {
    pub fn new(quiet: bool) -> Self {
        Narrator {
            began: Instant::now(),
            quiet,
        }
    }

    /// A step of the story.
    pub fn chapter(&self, title: &str) {
        self.print(&format!(
            "\n{:>5.1} s  {title}",
            self.began.elapsed().as_secs_f64()
        ));
    }

    /// A detail of the present step.
    pub fn say(&self, text: &impl Display) {
        for line in text.to_string().lines() {
            self.print(&format!("         {line}"));
        }
    }

    fn print(&self, line: &str) {
        if !self.quiet {
            eprintln!("{line}");
        }
    }
}
