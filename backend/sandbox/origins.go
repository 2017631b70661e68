package sandbox

import (
	"fmt"
	"net"
)

// origins are the three listeners of the browser's world.
type origins struct{ outlook, staff, page net.Listener }

func (s *Sandbox) listen(o Options) (origins, error) {
	var all origins
	for _, at := range []struct {
		to      *net.Listener
		url     *string
		address string
	}{{&all.outlook, &s.OutlookURL, o.Outlook}, {&all.staff, &s.StaffURL, o.Staff}, {&all.page, &s.PortalURL, o.Page}} {
		if at.address == "" {
			at.address = "127.0.0.1:0"
		}
		l, err := net.Listen("tcp", at.address)
		if err != nil {
			return all, fmt.Errorf("cannot listen on %s: %w", at.address, err)
		}
		s.later(func() error { return ignoreClosed(l.Close()) })
		*at.to, *at.url = l, fmt.Sprintf("http://localhost:%d", l.Addr().(*net.TCPAddr).Port)
	}
	return all, nil
}
