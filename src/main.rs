//! The binary: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(ringfold::cli::run(std::env::args_os()).code())
}
