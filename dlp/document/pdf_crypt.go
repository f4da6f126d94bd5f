package document

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
)

// pdfCrypt decrypts a file that opens without asking for a password: the user
// password is empty, restrictions on printing are what the encryption is for
// (ISO 32000-1, section 7.6; ISO 32000-2 for revision 6).
type pdfCrypt struct {
	key       []byte
	strMethod string // V2, AESV2, AESV3 or Identity
	stmMethod string
	metadata  bool // metadata streams are encrypted too
}

var pdfPad = []byte("\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A")

// openCrypt makes the key for the empty password; false if that is not it.
func (f *pdfFile) openCrypt() bool {
	d := f.dict(f.trailer["Encrypt"])
	f.cache, f.held = map[int]any{}, 0
	if f.name(d["Filter"]) != "Standard" {
		return false
	}
	c := &pdfCrypt{metadata: true, strMethod: "V2", stmMethod: "V2"}
	if b, ok := f.resolve(d["EncryptMetadata"]).(bool); ok {
		c.metadata = b
	}
	version, revision := f.number(d["V"], 0), int(f.number(d["R"], 0))
	length := int(f.number(d["Length"], 40)) / 8
	if version == 1 || length < 5 || length > 16 {
		length = 5
	}
	if version >= 4 {
		length = 16
		c.strMethod, c.stmMethod = f.cryptMethod(d, "StrF"), f.cryptMethod(d, "StmF")
	}
	o, _ := f.resolve(d["O"]).(pdfString)
	u, _ := f.resolve(d["U"]).(pdfString)
	if revision >= 5 {
		ue, _ := f.resolve(d["UE"]).(pdfString)
		c.key = keyFrom256(u, ue, revision)
	} else if len(o) >= 32 && len(u) >= 32 {
		c.key = f.keyFromMD5(c, o[:32], u, int64(f.number(d["P"], 0)), revision, length)
	}
	f.crypt = c
	return c.key != nil
}

func (f *pdfFile) cryptMethod(d pdfDict, which string) string {
	name := f.name(d[which])
	if name == "" || name == "Identity" {
		return "Identity"
	}
	return f.name(f.dict(f.dict(d["CF"])[name])["CFM"])
}

// keyFromMD5 is algorithm 2 with the check of algorithm 6, for revisions 2 to 4.
func (f *pdfFile) keyFromMD5(c *pdfCrypt, o, u []byte, p int64, revision, length int) []byte {
	h := md5.New()
	h.Write(pdfPad)
	h.Write(o)
	binary.Write(h, binary.LittleEndian, uint32(p))
	var id pdfString
	if ids := f.array(f.trailer["ID"]); len(ids) > 0 {
		id, _ = f.resolve(ids[0]).(pdfString)
	}
	h.Write(id)
	if revision >= 4 && !c.metadata {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	key := h.Sum(nil)
	if revision < 3 {
		key = key[:5]
		if !bytes.Equal(rc4Bytes(key, pdfPad), u[:32]) {
			return nil
		}
		return key
	}
	for range 50 {
		sum := md5.Sum(key[:length])
		key = sum[:]
	}
	key = key[:length]
	check := md5.Sum(append(bytes.Clone(pdfPad), id...))
	x := check[:]
	for i := range 20 {
		k := bytes.Clone(key)
		for j := range k {
			k[j] ^= byte(i)
		}
		x = rc4Bytes(k, x)
	}
	if !bytes.Equal(x, u[:16]) {
		return nil
	}
	return key
}

// keyFrom256 is algorithm 2.A, for revisions 5 and 6.
func keyFrom256(u, ue []byte, revision int) []byte {
	if len(u) < 48 || len(ue) < 32 {
		return nil
	}
	hash := func(salt []byte) []byte {
		if revision >= 6 {
			return hash2B(salt)
		}
		sum := sha256.Sum256(salt)
		return sum[:]
	}
	if !bytes.Equal(hash(u[32:40]), u[:32]) {
		return nil
	}
	block, err := aes.NewCipher(hash(u[40:48]))
	if err != nil {
		return nil
	}
	key := make([]byte, 32)
	cipher.NewCBCDecrypter(block, make([]byte, 16)).CryptBlocks(key, ue[:32])
	return key
}

// hash2B is algorithm 2.B of ISO 32000-2 for the empty password.
func hash2B(salt []byte) []byte {
	sum := sha256.Sum256(salt)
	k := sum[:]
	for round := 0; round < 1000; round++ {
		e := bytes.Repeat(k, 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(e, e)
		mod := 0
		for _, b := range e[:16] {
			mod += int(b)
		}
		switch mod % 3 {
		case 0:
			s := sha256.Sum256(e)
			k = s[:]
		case 1:
			s := sha512.Sum384(e)
			k = s[:]
		default:
			s := sha512.Sum512(e)
			k = s[:]
		}
		if round >= 63 && int(e[len(e)-1]) <= round-32 {
			break
		}
	}
	return k[:32]
}

func rc4Bytes(key, data []byte) []byte {
	c, err := rc4.NewCipher(key)
	if err != nil {
		return data
	}
	out := make([]byte, len(data))
	c.XORKeyStream(out, data)
	return out
}

// decrypt decrypts a string or stream of an object (algorithm 1).
func (c *pdfCrypt) decrypt(method string, data []byte, ref pdfRef) []byte {
	key := c.key
	switch method {
	case "V2", "AESV2":
		k := append(bytes.Clone(key), byte(ref.num), byte(ref.num>>8), byte(ref.num>>16), byte(ref.gen), byte(ref.gen>>8))
		if method == "AESV2" {
			k = append(k, "sAlT"...)
		}
		sum := md5.Sum(k)
		key = sum[:min(len(c.key)+5, 16)]
		if method == "V2" {
			return rc4Bytes(key, data)
		}
	case "AESV3":
	default:
		return data
	}
	block, err := aes.NewCipher(key)
	if err != nil || len(data) < 32 {
		return nil
	}
	iv, body := data[:16], data[16:len(data)&^15]
	out := make([]byte, len(body))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, body)
	if pad := int(out[len(out)-1]); pad >= 1 && pad <= 16 {
		out = out[:len(out)-pad]
	}
	return out
}

func (c *pdfCrypt) stream(data []byte, s *pdfStream) []byte {
	if !c.metadata && s.pdfDict["Type"] == pdfName("Metadata") {
		return data
	}
	return c.decrypt(c.stmMethod, data, s.ref)
}

// strings decrypts all strings of an object.
func (c *pdfCrypt) strings(o any, ref pdfRef, depth int) any {
	if depth > maxPDFDepth {
		return o
	}
	switch v := o.(type) {
	case pdfString:
		return pdfString(c.decrypt(c.strMethod, v, ref))
	case pdfArray:
		for i := range v {
			v[i] = c.strings(v[i], ref, depth+1)
		}
	case pdfDict:
		for k := range v {
			v[k] = c.strings(v[k], ref, depth+1)
		}
	case *pdfStream:
		c.strings(v.pdfDict, ref, depth+1)
	}
	return o
}
