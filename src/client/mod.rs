//! WebSocket client for `health` and `call`, with the device identity files of the published CLI.
