"""Random rules, as OpenFlow text and as bytes of our flow key, and random
packets, some of them cut or damaged."""

import ipaddress
import struct

# Offsets in struct vsw_flowkey.
IP_SRC, IP_DST, TP_SRC, TP_DST = 0, 16, 32, 34
ETH_DST, ETH_SRC, ETH_TYPE, VLAN_TCI = 36, 42, 48, 50
TCP_FLAGS, IN_PORT, IP_PROTO, IP_TOS = 54, 56, 58, 59
IP_TTL, IP_FRAG, VLAN_KIND = 60, 61, 62

N_PORTS = 4
MACS = ["020000000001", "020000000002", "0200000000ff", "ffffffffffff"]
V4 = [0x0a000001, 0x0a000002, 0x0a400001, 0xc0a80001, 0xe0000001]
V6 = [0x20010db8 << 96 | 1, 0x20010db8 << 96 | 2, 0xfe80 << 112 | 0xabcd,
      0xff02 << 112 | 1]
PORTS = [0, 1, 53, 80, 443, 0x8000, 0xffff]
PROTOS = {"tcp": 6, "udp": 17, "sctp": 132, "icmp": 1, "igmp": 2}
FLAGS = [0x002, 0x012, 0x010, 0x001, 0x104]
TOS = [0, 0xb8, 0x01, 0x2b]
TTL = [1, 64, 255]
FRAG = {"no": (0, 3), "yes": (1, 1), "first": (1, 3), "later": (3, 3),
        "not_later": (0, 2)}


class Rule:
    def __init__(self, rng, number, priority):
        self.rng = rng
        self.number = number
        self.priority = priority
        self.text = []
        self.fields = []        # (offset, value, mask) as bytes.
        self.fill()

    def sometimes(self, n):
        return self.rng.randrange(n) == 0

    def field(self, offset, n_bytes, value, mask=None):
        mask = (1 << 8 * n_bytes) - 1 if mask is None else mask
        self.fields.append((offset, (value & mask).to_bytes(n_bytes, "big"),
                            mask.to_bytes(n_bytes, "big")))

    def mask(self, n_bits):
        """A prefix, all bits, or any bits; never none."""
        full = (1 << n_bits) - 1
        kind = self.rng.randrange(4)
        if kind == 0:
            return full
        if kind == 1:
            return self.rng.randrange(1, full + 1)
        return full << self.rng.randrange(n_bits) & full

    def number_field(self, name, offset, n_bytes, values):
        value, mask = self.rng.choice(values), self.mask(8 * n_bytes)
        self.text.append("%s=0x%x/0x%x" % (name, value & mask, mask))
        self.field(offset, n_bytes, value, mask)

    def byte_field(self, name, offset, values):
        value = self.rng.choice(values)
        self.text.append("%s=%d" % (name, value))
        self.field(offset, 1, value)

    def mac_field(self, name, offset):
        value, mask = int(self.rng.choice(MACS), 16), self.mask(48)
        self.text.append("%s=%s/%s" % (name, mac_text(value & mask),
                                       mac_text(mask)))
        self.field(offset, 6, value, mask)

    def address_field(self, name, offset, values, n_bits, make):
        value, mask = self.rng.choice(values), self.mask(n_bits)
        length = bin(mask).count("1")
        if mask == (1 << length) - 1 << n_bits - length:
            tail = str(length)
        else:
            # A mask that begins with a decimal digit is taken for a length.
            mask |= 0xa << n_bits - 4
            tail = str(make(mask))
        self.text.append("%s=%s/%s" % (name, make(value & mask), tail))
        self.field(offset, n_bits // 8, value, mask)

    def eth_type(self, value):
        self.text.append("dl_type=0x%04x" % value)
        self.field(ETH_TYPE, 2, value)

    def fill(self):
        if self.sometimes(3):
            port = self.rng.randint(1, N_PORTS)
            self.text.append("in_port=%d" % port)
            self.field(IN_PORT, 2, port)
        if self.sometimes(3):
            self.mac_field("dl_dst", ETH_DST)
        if self.sometimes(4):
            self.mac_field("dl_src", ETH_SRC)
        if self.sometimes(3):
            self.vlan()
        self.rng.choice([self.link, self.ipv4, self.ipv4, self.ipv4,
                         self.ipv6, self.ipv6, self.arp])()

    def vlan(self):
        kind = self.rng.randrange(4)
        if kind == 0:
            self.text.append("vlan_tci=0x0000/0x1000")
            self.field(VLAN_KIND, 1, 0, 1)
            return
        self.field(VLAN_KIND, 1, 1, 1)
        if kind == 1:
            self.text.append("vlan_tci=0x1000/0x1000")
        if kind == 2:
            vid = self.rng.choice([0, 5, 4095])
            self.text.append("dl_vlan=%d" % vid)
            self.field(VLAN_TCI, 2, vid, 0x0fff)
        if kind == 3:
            pcp = self.rng.choice([0, 3, 7])
            self.text.append("dl_vlan_pcp=%d" % pcp)
            self.field(VLAN_TCI, 2, pcp << 13, 0xe000)

    def link(self):
        if self.sometimes(3):
            self.eth_type(self.rng.choice([0x05ff, 0x88cc, 0x8100]))

    def ipv4(self):
        self.eth_type(0x0800)
        make = ipaddress.IPv4Address
        if self.sometimes(2):
            self.address_field("nw_src", IP_SRC, V4, 32, make)
        if self.sometimes(2):
            self.address_field("nw_dst", IP_DST, V4, 32, make)
        self.ip(["tcp", "udp", "sctp", "icmp"])

    def ipv6(self):
        self.eth_type(0x86dd)
        make = ipaddress.IPv6Address
        if self.sometimes(2):
            self.address_field("ipv6_src", IP_SRC, V6, 128, make)
        if self.sometimes(2):
            self.address_field("ipv6_dst", IP_DST, V6, 128, make)
        self.ip(["tcp", "udp", "sctp", "icmpv6"])

    def ip(self, protos):
        if self.sometimes(6):
            tos = self.rng.choice(TOS) & 0xfc
            self.text.append("nw_tos=%d" % tos)
            self.field(IP_TOS, 1, tos, 0xfc)
        if self.sometimes(6):
            ecn = self.rng.choice(TOS) & 3
            self.text.append("nw_ecn=%d" % ecn)
            self.field(IP_TOS, 1, ecn, 3)
        if self.sometimes(6):
            self.byte_field("nw_ttl", IP_TTL, TTL)
        if self.sometimes(5):
            name = self.rng.choice(list(FRAG))
            self.text.append("ip_frag=" + name)
            self.field(IP_FRAG, 1, *FRAG[name])
        kind = self.rng.randrange(5)
        if kind == 0:
            self.byte_field("nw_proto", IP_PROTO, [2, 44, 47, 0, 59])
        elif kind < 4 and "ip_frag=later" not in self.text:
            self.transport(self.rng.choice(protos))

    def transport(self, name):
        proto = 58 if name == "icmpv6" else PROTOS[name]
        self.text.append("nw_proto=%d" % proto)
        self.field(IP_PROTO, 1, proto)
        if name.startswith("icmp"):
            prefix = "icmpv6_" if proto == 58 else "icmp_"
            for part, offset in (("type", TP_SRC), ("code", TP_DST)):
                if self.sometimes(2):
                    value = self.rng.choice([0, 1, 3, 8, 128])
                    self.text.append("%s%s=%d" % (prefix, part, value))
                    self.field(offset, 2, value, 0x00ff)
            return
        if self.sometimes(2):
            self.number_field(name + "_src", TP_SRC, 2, PORTS)
        if self.sometimes(2):
            self.number_field(name + "_dst", TP_DST, 2, PORTS)
        if name == "tcp" and self.sometimes(3):
            value = self.rng.choice(FLAGS)
            mask = self.rng.choice([0xfff, 0x012, 0x017])
            self.text.append("tcp_flags=0x%x/0x%x" % (value & mask, mask))
            self.field(TCP_FLAGS, 2, value, mask)

    def arp(self):
        self.eth_type(self.rng.choice([0x0806, 0x8035]))
        make = ipaddress.IPv4Address
        if self.sometimes(2):
            self.byte_field("arp_op", IP_PROTO, [1, 2, 3])
        if self.sometimes(2):
            self.address_field("arp_spa", IP_SRC, V4, 32, make)
        if self.sometimes(2):
            self.address_field("arp_tpa", IP_DST, V4, 32, make)
        if self.sometimes(3):
            self.mac_field("arp_sha", IP_SRC + 4)
        if self.sometimes(3):
            self.mac_field("arp_tha", IP_DST + 4)

    def openflow(self):
        match = ",".join(self.text + ["priority=%d" % self.priority])
        return "cookie=%d,%s,actions=drop" % (self.number + 1, match)

    def line(self):
        fields = ["%d:%s/%s" % (at, value.hex(), mask.hex())
                  for at, value, mask in self.fields]
        return " ".join(["r", str(self.priority)] + fields)


def mac_text(value):
    return ":".join("%02x" % b for b in value.to_bytes(6, "big"))


def transport(rng, proto):
    ports = struct.pack(">HH", rng.choice(PORTS), rng.choice(PORTS))
    if proto == 6:
        return ports + struct.pack(">IIHHHH", 1, 2,
                                   0x5000 | rng.choice(FLAGS), 99, 0, 0)
    if proto == 17:
        return ports + bytes.fromhex("00080000")
    if proto == 132:
        return ports + bytes(8)
    return bytes([rng.choice([0, 1, 3, 8, 128]), rng.choice([0, 1, 3])]) \
        + bytes(6)


def ipv4(rng):
    proto = rng.choice([6, 6, 17, 17, 132, 1, 2, 47])
    options = bytes(4 * rng.choice([0, 0, 0, 1, 10]))
    frag = rng.choice([0, 0, 0, 0x4000, 0x2000, 0x2010, 0x0010, 0x8000])
    body = transport(rng, proto)
    return struct.pack(">BBHHHBBHII", 0x45 + len(options) // 4,
                       rng.choice(TOS), 20 + len(options) + len(body), 7,
                       frag, rng.choice(TTL), proto, 0, rng.choice(V4),
                       rng.choice(V4)) + options + body


def ipv6(rng):
    proto = rng.choice([6, 17, 132, 58, 58, 47, 59])
    body, following = transport(rng, proto), proto
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        kind = rng.choice([0, 43, 60, 44, 51])
        if kind == 44:
            offset = rng.choice([0, 1, 8, 9])
            body = struct.pack(">BBHI", following, 0, offset, 1) + body
        elif kind == 51:
            body = bytes([following, 4]) + bytes(22) + body
        else:
            n = rng.choice([0, 0, 1, 2])
            body = bytes([following, n]) + bytes(6 + 8 * n) + body
        following = kind
    head = 6 << 28 | rng.choice(TOS) << 20
    return struct.pack(">IHBB", head, len(body), following,
                       rng.choice(TTL)) \
        + rng.choice(V6).to_bytes(16, "big") \
        + rng.choice(V6).to_bytes(16, "big") + body


def arp(rng):
    kind = rng.choice(["000108000604"] * 5 + ["000108000608"])
    return bytes.fromhex(kind) + struct.pack(">H",
                                             rng.choice([1, 2, 3, 0x101])) \
        + bytes.fromhex(rng.choice(MACS)) \
        + rng.choice(V4).to_bytes(4, "big") \
        + bytes.fromhex(rng.choice(MACS)) \
        + rng.choice(V4).to_bytes(4, "big")


def clamp_length(kind, body):
    """No IP length beyond the end: we take that for a capture that was cut,
    and Open vSwitch for a broken packet."""
    if kind == "86dd" and len(body) >= 6:
        length = min(int.from_bytes(body[4:6], "big"), max(len(body) - 40, 0))
        body[4:6] = length.to_bytes(2, "big")
    elif kind != "86dd" and len(body) >= 4:
        length = min(int.from_bytes(body[2:4], "big"), len(body))
        body[2:4] = length.to_bytes(2, "big")


def packet(rng):
    """A frame in hexadecimal digits.  Damage spares version numbers, which we
    check and Open vSwitch does not."""
    tags = b"".join(
        bytes.fromhex(rng.choice(["8100", "8100", "88a8"]))
        + struct.pack(">H", rng.choice([0, 5, 0x6005, 0xefff]))
        for _ in range(rng.choice([0, 0, 0, 1, 1, 2, 3])))
    kind, make = rng.choice([("0800", ipv4)] * 4 + [("86dd", ipv6)] * 3
                            + [("0806", arp), ("8035", arp), ("88cc", None),
                               ("0026", None), ("snap", ipv4)])
    body = bytearray((make(rng) if make else bytes(30))
                     + bytes(rng.choice([0, 0, 6])))
    if rng.randrange(6) == 0:
        body[rng.randrange(1, len(body))] = rng.choice([0, 1, 44, 0x20,
                                                        0xff])
    if rng.randrange(6) == 0:
        del body[rng.randrange(len(body) + 1):]
    if make in (ipv4, ipv6):
        clamp_length(kind, body)
    if kind == "snap":
        kind = "0030aaaa030000000800"
    frame = bytes.fromhex(rng.choice(MACS) + rng.choice(MACS)) + tags \
        + bytes.fromhex(kind) + bytes(body)
    if rng.randrange(12) == 0:
        frame = frame[:rng.randrange(14, 14 + len(tags) + 1)]
    return frame.hex()


def variant(rng, frame):
    """The packet with other MAC addresses, which many megaflows ignore."""
    return rng.choice(MACS) + rng.choice(MACS) + frame[24:]
