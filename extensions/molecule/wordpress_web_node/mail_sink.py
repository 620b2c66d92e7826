"""An SMTP server that takes one mail and writes what it was told to the file named first."""
import asyncio
import base64
import sys


async def receive(reader, writer):
    lines = []
    writer.write(b"220 sink ESMTP\r\n")
    while line := (await reader.readline()).decode().rstrip("\r\n"):
        lines.append(line)
        if line.upper().startswith("EHLO"):
            writer.write(b"250-sink\r\n250 AUTH LOGIN\r\n")
        elif line.upper() == "AUTH LOGIN":
            for question in (b"Username:", b"Password:"):
                writer.write(b"334 " + base64.b64encode(question) + b"\r\n")
                lines.append("answered " + base64.b64decode(await reader.readline()).decode())
            writer.write(b"235 welcome\r\n")
        elif line.upper() == "DATA":
            writer.write(b"354 go on\r\n")
            while (text := (await reader.readline()).decode().rstrip("\r\n")) != ".":
                lines.append(text)
            writer.write(b"250 taken\r\n")
        elif line.upper() == "QUIT":
            writer.write(b"221 bye\r\n")
            break
        else:
            writer.write(b"250 ok\r\n")
    writer.close()
    with open(sys.argv[1], "w", encoding="utf-8") as handle:
        handle.write("\n".join(lines))
    asyncio.get_running_loop().stop()


loop = asyncio.new_event_loop()
loop.run_until_complete(asyncio.start_server(receive, "0.0.0.0", 2525))
loop.call_later(60, loop.stop)
loop.run_forever()
