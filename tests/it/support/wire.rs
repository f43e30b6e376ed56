//! A client that sends requests byte for byte as a test writes them, over one connection.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use super::process::PATIENCE;

/// An open connection, or none yet.
#[derive(Debug)]
pub struct Wire {
    port: u16,
    open: Option<BufReader<TcpStream>>,
}

/// An answer; names of headers are in lower case.
#[derive(Debug)]
pub struct WireAnswer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Wire {
    pub fn to(port: u16) -> Self {
        Self { port, open: None }
    }

    /// Sends `method path` with headers and a body, and reads the answer.
    pub fn send(
        &mut self,
        (method, path): (&str, &str),
        headers: &[(String, String)],
        body: Option<&str>,
    ) -> WireAnswer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: test\r\n");
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        if let Some(body) = body {
            write!(head, "content-length: {}\r\n", body.len()).unwrap();
        }
        head.push_str("\r\n");
        let mut stream = self.open.take().unwrap_or_else(|| connect(self.port));
        let whole = [head.as_bytes(), body.unwrap_or_default().as_bytes()].concat();
        // A server that refuses a body before its end does not read it.
        drop(stream.get_mut().write_all(&whole));
        let answer = read(&mut stream, method == "HEAD");
        if answer.headers.get("connection").is_none_or(|value| value != "close") {
            self.open = Some(stream);
        }
        answer
    }
}

fn connect(port: u16) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    BufReader::new(stream)
}

fn read(stream: &mut BufReader<TcpStream>, is_head: bool) -> WireAnswer {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {line:?}"));
    let status = status.parse().unwrap();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; if is_head { 0 } else { length }];
    stream.read_exact(&mut body).unwrap();
    WireAnswer { status, headers, body: String::from_utf8(body).unwrap() }
}
