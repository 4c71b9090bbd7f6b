export function Note({ html }) {
  return <div className="note" dangerouslySetInnerHTML={{ __html: html }} />; // bad
}

// good
export function NoteWell({ html }) {
  return <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(html) }} />;
}

export function Fixed() {
  return <div dangerouslySetInnerHTML={{ __html: "<b>fixed</b>" }} />;
}

export function Text({ text }) {
  return <div>{text}</div>;
}
