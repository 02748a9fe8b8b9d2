//! An encrypted way to a PostgreSQL server. The client library wants the streams of an async runtime that this program
//! does not name; so it speaks to a socket of ours in a folder that nobody else may enter, and two threads carry what is
//! said there to the server and back inside TLS. The server's certificate is always checked, its name as well.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::ClientConnection;
use rustls::pki_types::ServerName;

use super::contract::HistoryError;
use crate::live::error::LiveError;
use crate::live::tls;

const TIMEOUT: Duration = Duration::from_secs(10);
/// Asks a server whether it speaks TLS: PostgreSQL's documentation, "Message Formats", SSLRequest.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
/// Part of the name of a socket as the client library looks for it.
pub(super) const PORT: u16 = 5432;

/// What a connection string says about encryption, taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) encrypted: bool,
    pub(super) ca: Option<PathBuf>,
    pub(super) rest: String,
}

impl Wish {
    /// Reads `sslmode` and `sslrootcert` out of "host=db sslmode=verify-full" or "postgres://db/island?sslmode=require".
    pub(super) fn read(parameters: &str) -> Self {
        let (head, words, gap) = match parameters.split_once("://").and_then(|_| parameters.split_once('?')) {
            Some((head, query)) => (Some(head), query, '&'),
            None if parameters.contains("://") => (Some(parameters), "", '&'),
            None => (None, parameters, ' '),
        };
        let (mut encrypted, mut ca, mut others) = (false, None, Vec::new());
        for word in words.split(gap) {
            if let Some(mode) = word.strip_prefix("sslmode=") {
                encrypted = matches!(mode, "require" | "verify-ca" | "verify-full");
            } else if let Some(path) = word.strip_prefix("sslrootcert=") {
                ca = Some(PathBuf::from(path.replace("%2F", "/").replace("%20", " ")));
            } else {
                others.push(word);
            }
        }
        let others = others.join(&gap.to_string());
        let rest = match head {
            Some(head) if others.is_empty() => head.to_owned(),
            Some(head) => format!("{head}?{others}"),
            None => others,
        };
        Self { encrypted, ca, rest }
    }
}

/// Connects to a server and puts a socket before it, in a folder that must be kept until somebody has connected there.
///
/// # Errors
/// When the server does not answer, speaks no TLS or is not whom it says it is.
pub(super) fn open(host: &str, port: u16, ca: Option<&Path>) -> Result<tempfile::TempDir, HistoryError> {
    let failed = |e: &std::io::Error| HistoryError::Failed { reason: format!("{e} ({host}:{port})") };
    let secure = |error: LiveError| HistoryError::Secure { error };
    let config = tls::client(ca).map_err(secure)?;
    let mut server = reach(host, port).map_err(|e| failed(&e))?;
    let mut answer = [0];
    server.write_all(&SSL_REQUEST).and_then(|()| server.read_exact(&mut answer)).map_err(|e| failed(&e))?;
    if answer != *b"S" {
        return Err(HistoryError::NoEncryption);
    }
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| secure(LiveError::WrongHost { host: format!("{host}:{port}") }))?;
    let mut talk = ClientConnection::new(config, name).map_err(|e| secure(tls::explain(&e, host)))?;
    while talk.is_handshaking() {
        talk.complete_io(&mut server).map_err(|e| secure(tls::explain_io(&e, host)))?;
    }
    server.set_read_timeout(None).map_err(|e| failed(&e))?;
    let folder = tempfile::tempdir().map_err(|e| failed(&e))?;
    let listener = UnixListener::bind(folder.path().join(format!(".s.PGSQL.{PORT}"))).map_err(|e| failed(&e))?;
    listener.set_nonblocking(true).map_err(|e| failed(&e))?;
    let carry = move || {
        if let Some(client) = first(&listener) {
            drop(listener);
            let _ = carry_both(&client, &server, talk);
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        }
    };
    std::thread::Builder::new().name("pg-tls".to_owned()).spawn(carry).map_err(|e| failed(&e))?;
    Ok(folder)
}

fn reach(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, TIMEOUT) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(TIMEOUT))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The first who connects; nobody within the time when the client library gave up before.
fn first(listener: &UnixListener) -> Option<UnixStream> {
    let end = Instant::now() + TIMEOUT;
    while Instant::now() < end {
        if let Ok((client, _)) = listener.accept() {
            return client.set_nonblocking(false).ok().map(|()| client);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    None
}

/// Carries both ways until one side ends. Only the way to the server writes to it: what the other way has to answer goes
/// along with the next that is said.
fn carry_both(client: &UnixStream, server: &TcpStream, talk: ClientConnection) -> std::io::Result<()> {
    let talk = Arc::new(Mutex::new(talk));
    let (mut said, mut outward, own) = (client.try_clone()?, server.try_clone()?, talk.clone());
    let back = client.try_clone()?;
    std::thread::Builder::new().name("pg-tls-out".to_owned()).spawn(move || {
        let _ = carry_out(&mut said, &mut outward, &own);
        // Ends the other way, too.
        let _ = outward.shutdown(Shutdown::Both);
    })?;
    carry_in(server, back, &talk)
}

fn carry_out(said: &mut UnixStream, outward: &mut TcpStream, talk: &Mutex<ClientConnection>) -> std::io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = said.read(&mut buffer)?;
        let mut sealed = Vec::new();
        {
            let mut talk = talk.lock().unwrap_or_else(PoisonError::into_inner);
            if count == 0 {
                talk.send_close_notify();
            }
            talk.writer().write_all(&buffer[..count])?;
            while talk.wants_write() {
                talk.write_tls(&mut sealed)?;
            }
        }
        outward.write_all(&sealed)?;
        if count == 0 {
            return Ok(());
        }
    }
}

fn carry_in(mut server: &TcpStream, mut back: UnixStream, talk: &Mutex<ClientConnection>) -> std::io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = server.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        let (mut sealed, mut plain) = (&buffer[..count], Vec::new());
        {
            let mut talk = talk.lock().unwrap_or_else(PoisonError::into_inner);
            while !sealed.is_empty() {
                talk.read_tls(&mut sealed)?;
                let state = talk.process_new_packets().map_err(std::io::Error::other)?;
                let from = plain.len();
                plain.resize(from + state.plaintext_bytes_to_read(), 0);
                talk.reader().read_exact(&mut plain[from..])?;
            }
        }
        back.write_all(&plain)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_about_encryption_is_taken_out() {
        let read = |text: &str| {
            let Wish { encrypted, ca, rest } = Wish::read(text);
            (encrypted, ca.map(|p| p.display().to_string()), rest)
        };
        assert_eq!(read("host=db user='a  b'"), (false, None, "host=db user='a  b'".into()));
        assert_eq!(read("host=db sslmode=disable"), (false, None, "host=db".into()));
        assert_eq!(
            read("host=db sslmode=verify-full sslrootcert=/ca.pem dbname=x"),
            (true, Some("/ca.pem".into()), "host=db dbname=x".into())
        );
        let url = "postgres://duty@db:5433/island?sslmode=require&application_name=x&sslrootcert=%2Fca.pem";
        let rest = "postgres://duty@db:5433/island?application_name=x";
        assert_eq!(read(url), (true, Some("/ca.pem".into()), rest.into()));
        assert_eq!(read("postgres://db/island?sslmode=prefer"), (false, None, "postgres://db/island".into()));
        assert_eq!(read("postgres://db/island"), (false, None, "postgres://db/island".into()));
    }

    #[test]
    fn a_server_that_speaks_no_tls_is_told() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 8];
            stream.read_exact(&mut asked).unwrap();
            stream.write_all(b"N").unwrap();
            asked
        });
        match open("127.0.0.1", port, None) {
            Err(HistoryError::NoEncryption) => assert_eq!(server.join().unwrap(), SSL_REQUEST),
            // A machine without any certificates of authorities does not even ask.
            Err(HistoryError::Secure { error: LiveError::NoAuthorities }) => {}
            other => panic!("{other:?}"),
        }
    }
}
