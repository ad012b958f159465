package drill

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// mailTimeout is how long a client may take for a line, and for a mail.
const mailTimeout = 30 * time.Second

// serveMail takes mails: as much of RFC 5321 as a client needs that delivers one, without extensions and authentication.
func serveMail(listener net.Listener, box *inbox) error {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			_ = talk(connection, box) // a client that goes away is not the receiver's fault
		}()
	}
}

// talk answers the commands of one client.
func talk(connection net.Conn, box *inbox) error {
	text := textproto.NewConn(connection)
	if err := text.PrintfLine("220 drill ready"); err != nil {
		return err
	}
	hasSender, recipients := false, []string(nil)
	for {
		if err := connection.SetDeadline(time.Now().Add(mailTimeout)); err != nil {
			return err
		}
		line, err := text.ReadLine()
		if err != nil {
			return err
		}
		verb, rest, _ := strings.Cut(line, " ")
		said := "502 not known here"
		switch verb = strings.ToUpper(verb); {
		case verb == "EHLO" || verb == "HELO":
			said = "250 drill"
		case verb == "MAIL":
			hasSender, recipients = true, nil
			said = "250 sender noted"
		case verb == "RCPT" && hasSender:
			recipients = append(recipients, strings.Trim(strings.TrimPrefix(rest, "TO:"), "<> "))
			said = "250 recipient noted"
		case verb == "DATA" && len(recipients) > 0:
			if err := text.PrintfLine("354 go on, end with a dot"); err != nil {
				return err
			}
			said = "250 delivered"
			if err := take(text.DotReader(), recipients, box); err != nil {
				said = "554 " + strings.ReplaceAll(err.Error(), "\n", " ")
			}
			hasSender, recipients = false, nil
		case verb == "RSET" || verb == "NOOP":
			said = "250 well"
		case verb == "QUIT":
			return text.PrintfLine("221 bye")
		case verb == "RCPT" || verb == "DATA":
			said = "503 not in this order"
		}
		if err := text.PrintfLine("%s", said); err != nil {
			return err
		}
	}
}

// take reads a mail to its end, and keeps it.
func take(reader io.Reader, recipients []string, box *inbox) error {
	whole, err := io.ReadAll(io.LimitReader(reader, largest))
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, reader); err != nil {
		return err
	}
	read, err := mail.ReadMessage(strings.NewReader(string(whole)))
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	if err != nil {
		return err
	}
	text, err := body(textproto.MIMEHeader(read.Header), read.Body)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	box.add(message{
		Via: "mail", Alert: read.Header.Get("X-Cloudnova-Alert"), Status: read.Header.Get("X-Cloudnova-Status"),
		Subject: subject, To: recipients, Text: text,
	})
	return nil
}

// body is the plain text of a mail or of a part of one, else its HTML.
func body(header textproto.MIMEHeader, reader io.Reader) (string, error) {
	switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		reader = quotedprintable.NewReader(reader)
	case "base64":
		reader = base64.NewDecoder(base64.StdEncoding, reader)
	}
	kind, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		text, err := io.ReadAll(reader)
		return string(text), err
	}
	other := ""
	for parts := multipart.NewReader(reader, parameters["boundary"]); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return other, nil
		}
		if err != nil {
			return other, err
		}
		text, err := body(part.Header, part)
		if err != nil {
			return other, err
		}
		if kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind == "text/plain" || kind == "" {
			return text, nil
		}
		if other == "" {
			other = text
		}
	}
}
