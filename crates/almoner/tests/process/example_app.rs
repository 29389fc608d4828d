//! The example app of the demonstration, which a service for real people does not have.

use super::{Machine, Service, free_port, page};

#[test]
fn serve_has_nothing_of_the_example_app() {
    let machine = Machine::new("example-app");
    let port = free_port();
    let _service = Service::start(&machine.url("almoner_app"), port);
    for path in [
        "/example-app",
        "/example-app/",
        "/example-app/app.js",
        "/example-app/token",
        "/example-desk/",
        "/example-ground/page.css",
    ] {
        let answer = page(port, path);
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.text("/title"), page(port, "/nothing").text("/title"), "{path}");
    }
}
