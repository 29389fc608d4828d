//! Documents while the program is killed: at every chunk, one is whole or not there.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use almoner_demo::web::{Answer, Web};
use almoner_persistence::Clock;
use almoner_tests::documents::pdf;
use almoner_tests::{World, messages};
use serde_json::Value;

use super::kill::Council;
use super::{Machine, Service, free_port, run};

/// Sends the head of a request and the beginning of its content, and waits until that has arrived.
fn begin(port: u16, token: &str, head: &str, content: &[u8], sent: usize) -> TcpStream {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = content.len();
    let head = format!("{head}\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n");
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(&content[..sent]).unwrap();
    connection.flush().unwrap();
    std::thread::sleep(Duration::from_millis(150));
    connection
}

#[test]
fn a_document_is_whole_or_not_there_when_the_program_is_killed_at_any_chunk_of_it() {
    let machine = Machine::new("document-kill");
    let database_url = machine.url("almoner_app");
    let clock = Clock::new();
    let today = clock.now().date_naive().to_string();
    let world = World::with_clock(clock, &database_url);
    let council = world.council();
    world.practice(&council);
    let port = free_port();
    let web = Web::new(&format!("http://127.0.0.1:{port}"));
    let sender = Council { web: web.clone(), id: council.system.id.clone(), secret: council.system.secret.clone() };
    drop(world);
    let directory = machine.path("documents");
    let settings = [("ALMONER_DOCUMENTS", directory.to_str().unwrap())];
    let start = || Service::start_with(&database_url, port, &settings);
    let mut service = start();
    let mut message = messages::referral();
    message["requested_on"] = today.clone().into();
    message["consent"]["recorded_on"] = today.into();
    let referral = sender.call("POST", "/v1/council/referrals", Some(&message));
    let documents = format!("/v1/council/referrals/{}/documents", referral.text("/id").unwrap());
    let listed = || sender.call("GET", &documents, None).body["items"].as_array().map_or(0, Vec::len);
    let send = |method: &str, path: &str, headers: &[(&str, &str)], content: Option<(&str, &[u8])>| -> Answer {
        let authorization = format!("Bearer {}", sender.token().unwrap());
        let headers = [&[("authorization", authorization.as_str())], headers].concat();
        web.send(method, path, &headers, content).unwrap()
    };

    let content = pdf(3 * 1024 * 1024);
    let chunk = 64 * 1024;
    let cuts = [0, 1, chunk, chunk + 1, 1024 * 1024, 2 * 1024 * 1024 + 5, content.len() - 1];
    for (at, sent) in cuts.into_iter().enumerate() {
        let head = format!(
            "POST {documents} HTTP/1.1\r\nIdempotency-Key: killed {at} times\r\nContent-Type: application/pdf\r\n\
             Content-Disposition: attachment; filename=x.pdf"
        );
        let mut connection = begin(port, &sender.token().unwrap(), &head, &content, sent);
        service.kill();
        assert_eq!(connection.read(&mut [0; 1]).unwrap_or(0), 0, "nothing was answered");
        service = start();
        assert_eq!(listed(), 0, "killed after {sent} bytes");
    }

    // A piece of an upload counts once it is answered, and what was answered before is kept.
    let tus = ("tus-resumable", "1.0.0");
    let size = content.len().to_string();
    let begun = send("POST", "/v1/council/uploads", &[tus, ("upload-length", &size)], None);
    let upload = begun.header("location").unwrap().to_owned();
    let append = |from: usize, piece: &[u8]| {
        let headers = [tus, ("upload-offset", &from.to_string())];
        send("PATCH", &upload, &headers, Some(("application/offset+octet-stream", piece)))
    };
    assert_eq!(append(0, &content[..chunk]).status, 204);
    for sent in [1, chunk, 1024 * 1024] {
        let head = format!(
            "PATCH {upload} HTTP/1.1\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {chunk}\r\n\
             Content-Type: application/offset+octet-stream"
        );
        let connection = begin(port, &sender.token().unwrap(), &head, &content[chunk..], sent);
        service.kill();
        drop(connection);
        service = start();
        let head = send("HEAD", &upload, &[tus], None);
        assert_eq!(head.header("upload-offset"), Some(chunk.to_string().as_str()), "killed after {sent} bytes");
    }
    assert_eq!(append(chunk, &content[chunk..]).status, 204);
    let path = format!("{documents}?upload={}", upload.rsplit('/').next().unwrap());
    let headers = [("idempotency-key", "the uploaded one"), ("content-disposition", "attachment; filename=x.pdf")];
    let taken = send("POST", &path, &headers, Some(("application/pdf", b"")));
    assert_eq!((taken.status, &taken.body["size"]), (201, &Value::from(content.len())), "{}", taken.body);
    assert_eq!(listed(), 1);
    // Nothing is there that nobody will clear away.
    let mut compare = machine.command("almoner_work", &["documents"]);
    compare.envs(settings);
    let compared = run(compare, "");
    assert!(compared.status.success(), "{}", String::from_utf8_lossy(&compared.stdout));
    drop(service);
}
