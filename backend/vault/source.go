package vault

import "io"

// source is the encrypted stream that a Reader is reading.
type source struct {
	stream io.ReadCloser
	part   int
	number int64 // of the segment that comes next
	cipher *partCipher
}

func (s *source) close() {
	if s.stream != nil {
		s.stream.Close()
		s.stream = nil
	}
}

// open decrypts one segment of one part into dst. After an error the stream is
// of no use.
func (s *source) open(r *Reader, part int, number int64, dst []byte) ([]byte, error) {
	if s.stream == nil || s.part != part || s.number != number {
		if err := s.seek(r, part, number); err != nil {
			return nil, err
		}
	}
	opened, err := s.segment(r.file.Parts[part].Length, dst)
	if err != nil {
		s.close()
	}
	return opened, err
}

// segment decrypts the one that comes next, of a part of a length.
func (s *source) segment(length int64, dst []byte) ([]byte, error) {
	buffer := sealedPool.Get().(*[fullSealed]byte)
	defer sealedPool.Put(buffer)
	sealed := buffer[:min(segmentSize, length-s.number*segmentSize)+segmentGrowth]
	if _, err := io.ReadFull(s.stream, sealed); err != nil {
		return nil, err
	}
	if s.number == segments(length)-1 {
		if err := s.atEnd(); err != nil {
			return nil, err
		}
	}
	opened, err := s.cipher.open(dst, sealed, s.number)
	if err != nil {
		return nil, integrity("a stored file does not authenticate", err)
	}
	s.number++
	return opened, nil
}

func (s *source) seek(r *Reader, part int, number int64) error {
	s.close()
	id := r.file.Parts[part].ID
	offset := int64(0)
	if number > 0 {
		offset = int64(len(partMagic)) + number*fullSealed
	}
	stream, err := r.vault.blobs.ReadRange(r.ctx, r.place.folder()+partPrefix+id, offset, -1)
	if err != nil {
		return err
	}
	s.stream, s.part, s.number = stream, part, number
	s.cipher = newPartCipher(r.place, r.key, r.file.ID, id)
	if number > 0 {
		return nil
	}
	if recorded(partPrefix+id) != "" { // a small file begins with its record
		if _, err := smallRecord(r.place, r.key, partPrefix+id, stream); err != nil {
			return err
		}
	}
	return s.magic()
}

// magic checks the head of a part.
func (s *source) magic() error {
	var magic [len(partMagic)]byte
	if _, err := io.ReadFull(s.stream, magic[:]); err != nil {
		return err
	}
	if string(magic[:]) != partMagic {
		return integrity("a stored file is damaged or of an unknown format", nil)
	}
	return nil
}

// atEnd makes sure that nothing follows the last segment.
func (s *source) atEnd() error {
	var more [1]byte
	switch n, err := io.ReadFull(s.stream, more[:]); {
	case n > 0:
		return integrity("a stored file is longer than it was", nil)
	case err == io.EOF:
		return nil
	default:
		return err
	}
}
