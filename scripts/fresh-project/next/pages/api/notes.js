export default function notes(request, response) {
  response.json({ got: request.body, url: request.url });
}
