// Checks a journal with Go's own packages for transparency logs, which share no line with the program that wrote it.
//
// Each line of the standard input is a request in JSON; each line of the standard output is "ok" or "refused: " and why.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type request struct {
	Do       string
	Note     string
	Keys     []string
	Signers  []string
	Position int64
	Entry    []byte
	Size     int64
	Root     []byte
	Old      int64
	OldRoot  []byte
	Proof    [][]byte
	Folder   string
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	for in.Scan() {
		var r request
		err := json.Unmarshal(in.Bytes(), &r)
		if err == nil {
			err = check(r)
		}
		if err != nil {
			fmt.Fprintln(out, "refused:", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Fprintln(out, "ok")
		}
		out.Flush()
	}
}

func check(r request) error {
	switch r.Do {
	case "checkpoint":
		_, err := checkpoint(r)
		return err
	case "inclusion":
		return tlog.CheckRecord(hashes(r.Proof), r.Size, hash(r.Root), r.Position, tlog.RecordHash(r.Entry))
	case "consistency":
		return tlog.CheckTree(hashes(r.Proof), r.Size, hash(r.Root), r.Old, hash(r.OldRoot))
	case "tiles":
		return tiles(r)
	}
	return errors.New("unknown request")
}

// The tree that a note promises, if all the signers that are named signed it.
func checkpoint(r request) (tlog.Tree, error) {
	var tree tlog.Tree
	var verifiers []note.Verifier
	for _, key := range r.Keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return tree, err
		}
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open([]byte(r.Note), note.VerifierList(verifiers...))
	if err != nil {
		return tree, err
	}
	signed := map[string]bool{}
	for _, signature := range opened.Sigs {
		signed[signature.Name] = true
	}
	for _, name := range r.Signers {
		if !signed[name] {
			return tree, errors.New(name + " did not sign")
		}
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || (r.Size != 0 && lines[1] != strconv.FormatInt(r.Size, 10)) {
		return tree, errors.New("no checkpoint of this size")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize || (len(r.Root) != 0 && string(root) != string(r.Root)) {
		return tree, errors.New("another root")
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	tree.Hash = hash(root)
	return tree, err
}

// An exported folder: every tile that is read is checked against the checkpoint before a hash of it is believed.
func tiles(r request) error {
	data, err := os.ReadFile(filepath.Join(r.Folder, "checkpoint"))
	if err != nil {
		return err
	}
	r.Note = string(data)
	tree, err := checkpoint(r)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, folder(r.Folder))
	proof, err := tlog.ProveRecord(tree.N, r.Position, reader)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, r.Position, tlog.RecordHash(r.Entry))
}

type folder string

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// Go's paths begin with the height of the tiles, those of C2SP tlog-tiles do not; partial tiles lie in a folder there.
func (f folder) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil && tile.W < 256 {
			whole := tile
			whole.W = 256
			data, err = os.ReadFile(filepath.Join(string(f), strings.Replace(whole.Path(), "tile/8/", "tile/", 1)))
			if err == nil {
				data = data[:tile.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func hash(data []byte) (h tlog.Hash) {
	copy(h[:], data)
	return h
}

func hashes(all [][]byte) (found []tlog.Hash) {
	for _, data := range all {
		found = append(found, hash(data))
	}
	return found
}
